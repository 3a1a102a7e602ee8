import { isArray, isObject } from '../../../domain/scim/json.ts';
import type { ScimObject, ScimValue } from '../../../domain/scim/resource.ts';
import { CORE_SCHEMA_1, ENTERPRISE_SCHEMA_1 } from '../../../domain/scim1/names.ts';
import { singularName } from '../../../domain/scim1/singular-name.ts';
import { writeXml, type XmlOutput } from '../../xml/write-xml.ts';

const XSI = 'http://www.w3.org/2001/XMLSchema-instance';

/** A page of resources in the form of SCIM 1.1. */
export interface ListAnswer {
  readonly totalResults: number;
  readonly itemsPerPage: number;
  readonly startIndex: number;
  readonly Resources: readonly ScimObject[];
}

/** A resource of SCIM 1.1 in XML: `<User>` or `<Group>`. */
export const resourceAsXml = (resource: ScimObject, typeName: string): string => {
  const { attributes, content } = resourceParts(resource);
  return writeXml({ name: typeName, attributes: { xmlns: CORE_SCHEMA_1, ...attributes }, content });
};

/** A page of resources in XML (REST API 1.1 §3.2.2). */
export function listAsXml(list: ListAnswer, typeName: string): string {
  const resources = list.Resources.map((resource): XmlOutput => {
    const { attributes, content } = resourceParts(resource);
    return { name: 'Resource', attributes: { 'xsi:type': typeName, ...attributes }, content };
  });
  return writeXml({
    name: 'Response',
    attributes: { xmlns: CORE_SCHEMA_1, 'xmlns:xsi': XSI },
    content: [
      { name: 'totalResults', content: String(list.totalResults) },
      { name: 'itemsPerPage', content: String(list.itemsPerPage) },
      { name: 'startIndex', content: String(list.startIndex) },
      { name: 'Resources', content: resources },
    ],
  });
}

/** A failure in XML (REST API 1.1 §3.9). */
export const errorAsXml = (description: string, code: string): string =>
  writeXml({
    name: 'Response',
    attributes: { xmlns: CORE_SCHEMA_1 },
    content: [
      {
        name: 'Errors',
        content: [
          {
            name: 'Error',
            content: [
              { name: 'description', content: description },
              { name: 'code', content: code },
            ],
          },
        ],
      },
    ],
  });

/** Elements of a resource, and the namespaces of its extensions. `schemas` is said by those. */
function resourceParts(resource: ScimObject): {
  readonly attributes: Readonly<Record<string, string>>;
  readonly content: readonly XmlOutput[];
} {
  const attributes: Record<string, string> = {};
  const content: XmlOutput[] = [];
  for (const [name, value] of Object.entries(resource)) {
    if (name === 'schemas') continue;
    if (!name.includes(':') || !isObject(value)) {
      content.push(...elementOf(name, value));
      continue;
    }
    const prefix = name === ENTERPRISE_SCHEMA_1 ? 'enterprise' : `ext${Object.keys(attributes).length + 1}`;
    attributes[`xmlns:${prefix}`] = name;
    content.push(...Object.entries(value).flatMap(([part, held]) => elementOf(part, held, `${prefix}:`)));
  }
  return { attributes, content };
}

/** Nothing where the attribute has no value, or a name that XML does not allow. Parts have their holder's prefix. */
function elementOf(name: string, value: ScimValue, prefix = ''): readonly XmlOutput[] {
  if (value === null || !/^[A-Za-z_][\w.-]*$/.test(name)) return [];
  const inner = isArray(value)
    ? value.flatMap((element) => elementOf(singularName(name), element, prefix))
    : isObject(value)
      ? Object.entries(value).flatMap(([part, held]) => elementOf(part, held, prefix))
      : String(value);
  return [{ name: `${prefix}${name}`, content: inner }];
}
