import { ProvostError } from '../../../domain/errors.ts';
import type {
  AttributeDefinition,
  AttributeType,
  ResourceTypeDefinition,
} from '../../../domain/scim/schema/definition.ts';
import { findAttribute, findCoreAttribute, findExtension } from '../../../domain/scim/schema/find-attribute.ts';
import { CORE_SCHEMA_1, toUrn1, toUrn2 } from '../../../domain/scim1/names.ts';
import { singularName } from '../../../domain/scim1/singular-name.ts';
import { type XmlElement, xmlAttribute, xmlChildren } from '../../xml/xml-element.ts';

type JsonObject = Readonly<Record<string, unknown>>;

const XSI = 'http://www.w3.org/2001/XMLSchema-instance';

/**
 * The JSON form of a resource of SCIM 1.1 in XML: an element an attribute, values of a multi-valued one each in an
 * element of its own within it, attributes of an extension in its namespace.
 *
 * @throws ProvostError `INVALID_SYNTAX` where the root is no such resource
 */
export function resourceFromXml(root: XmlElement, type: ResourceTypeDefinition): JsonObject {
  if (root.name.toLowerCase() !== type.name.toLowerCase())
    throw new ProvostError('INVALID_SYNTAX', `The XML must be one ${type.name} element.`);
  const core = new Map<string, unknown>();
  const extensions = new Map<string, Map<string, unknown>>();
  for (const element of root.children) {
    const extension = extensionOf(element, type);
    if (element.name === 'meta') core.set('meta', readMeta(element));
    else if (extension === undefined) put(core, element, findCoreAttribute(type, element.name));
    else {
      const holder = extensions.get(extension.id) ?? new Map<string, unknown>();
      extensions.set(extension.id, holder);
      const isHolder = findExtension(type, toUrn2(element.name, type)) !== undefined;
      for (const part of isHolder ? element.children : [element])
        put(holder, part, managerAware(findAttribute(extension.attributes, part.name)));
    }
  }
  return {
    schemas: [CORE_SCHEMA_1, ...[...extensions.keys()].map((urn) => toUrn1(urn, type))],
    ...Object.fromEntries(core),
    ...Object.fromEntries([...extensions].map(([urn, held]) => [toUrn1(urn, type), Object.fromEntries(held)])),
  };
}

/** By the element's namespace, or, as WSO2's clients have it, by its own name. */
const extensionOf = ({ namespace, name }: XmlElement, type: ResourceTypeDefinition) =>
  findExtension(type, toUrn2(namespace, type)) ?? findExtension(type, toUrn2(name, type));

/** In SCIM 1.1 the manager is named by `managerId`. */
function managerAware(attribute: AttributeDefinition | undefined): AttributeDefinition | undefined {
  if (attribute?.name !== 'manager') return attribute;
  const subAttributes = (attribute.subAttributes ?? []).map((sub) =>
    sub.name === 'value' ? { ...sub, name: 'managerId' } : sub,
  );
  return { ...attribute, subAttributes };
}

function put(holder: Map<string, unknown>, element: XmlElement, attribute: AttributeDefinition | undefined): void {
  const name = attribute?.name ?? element.name;
  const value = readValue(element, attribute);
  const held = holder.get(name);
  // Values each in an element of the attribute's own name instead of all in one.
  holder.set(name, Array.isArray(held) && Array.isArray(value) ? [...held, ...value] : value);
}

function readValue(element: XmlElement, attribute: AttributeDefinition | undefined): unknown {
  if (/^(?:true|1)$/.test(xmlAttribute(element, 'nil', XSI) ?? '')) return null;
  if (!attribute?.multiValued) return readOne(element, attribute);
  if (element.children.length === 0) return element.text.trim() === '' ? [] : [readOne(element, attribute)];
  return isOneValue(element, attribute)
    ? [readOne(element, attribute)]
    : element.children.map((child) => readOne(child, attribute));
}

/** `<emails><value>…</value></emails>`: the element that should hold the values is one itself. */
const isOneValue = ({ children }: XmlElement, attribute: AttributeDefinition): boolean =>
  children.every(
    ({ name }) => name !== singularName(attribute.name) && findAttribute(attribute.subAttributes, name) !== undefined,
  );

function readOne(element: XmlElement, attribute: AttributeDefinition | undefined): unknown {
  const { children, text } = element;
  const operation = xmlAttribute(element, 'operation');
  if (children.length === 0 && operation === undefined)
    return attribute?.type === 'complex' && text.trim() === '' ? {} : readScalar(text, attribute?.type);
  const parts = children.map((child) => {
    const sub = findAttribute(attribute?.subAttributes, child.name);
    return [sub?.name ?? child.name, readValue(child, sub)] as const;
  });
  return { ...Object.fromEntries(parts), ...(operation === undefined ? {} : { operation }) };
}

/** What no boolean or number can be made of stays text, for the schema's own check to refuse. */
function readScalar(text: string, type: AttributeType | undefined): string | number | boolean {
  const trimmed = text.trim();
  if (type === 'boolean') {
    if (/^(?:true|1)$/.test(trimmed)) return true;
    return /^(?:false|0)$/.test(trimmed) ? false : trimmed;
  }
  if ((type === 'integer' || type === 'decimal') && /^[+-]?\d+(?:\.\d+)?$/.test(trimmed)) return Number(trimmed);
  return type === 'dateTime' || type === 'binary' ? trimmed : text;
}

/** An element's text, or the texts of its values: the schema makes `attributes` a multi-valued attribute. */
const textsOf = (element: XmlElement): readonly string[] =>
  element.children.length === 0 ? [element.text.trim()] : element.children.map(({ text }) => text.trim());

/** Only what a client may say there: which attributes a PATCH removes. */
function readMeta(meta: XmlElement): JsonObject {
  const [attributes] = xmlChildren(meta, 'attributes');
  if (attributes === undefined) return {};
  const names = attributes.children.length === 0 ? [attributes] : attributes.children;
  return { attributes: names.flatMap(textsOf).filter((name) => name !== '') };
}
