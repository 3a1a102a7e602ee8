import { COMMON_ATTRIBUTES } from './common.ts';
import type { AttributeDefinition, SchemaDefinition } from './definition.ts';
import { STANDARD_SCHEMAS } from './resource-types.ts';

/** What is wrong with a definition, and where: `attributes[2].subAttributes[0].type`. */
export interface SchemaProblem {
  readonly path: string;
  readonly message: string;
}

type Report = (path: string, message: string) => void;

/** RFC 8141 as far as it matters: the part behind the namespace is printable and has no space. */
const URN = /^urn:[A-Za-z0-9][A-Za-z0-9-]{0,31}:[!-~]{1,200}[!-9;-~]$/;
/** The standard's own; `…:schemas:extension:` is left, because Entra ID wants its tenants' extensions there. */
const RESERVED = /^urn:ietf:params:scim:(?!schemas:extension:)/i;
/** ATTRNAME of RFC 7643 §2.1. */
const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
/** Read from every resource, or treated as a secret of its own, whatever a schema says. */
const TAKEN = new Set([...COMMON_ATTRIBUTES.map(({ name }) => name.toLowerCase()), 'password']);
const UNIQUE_TYPES = ['string', 'reference', 'integer', 'decimal', 'dateTime'];

/**
 * Everything that keeps a schema from being a tenant's own (RFC 7643 §7).
 *
 * @param others the tenant's other schemas
 */
export function schemaProblems(
  schema: SchemaDefinition,
  others: readonly SchemaDefinition[],
): readonly SchemaProblem[] {
  const problems: SchemaProblem[] = [];
  const report: Report = (path, message) => problems.push({ path, message });
  checkId(schema.id, others, report);
  checkNames(schema.attributes, 'attributes', report);
  for (const [index, attribute] of schema.attributes.entries()) {
    const path = `attributes[${index}]`;
    if (TAKEN.has(attribute.name.toLowerCase()))
      report(`${path}.name`, `${attribute.name} has a meaning of its own in every resource; use another name.`);
    checkTraits(attribute, path, report);
    checkComplex(attribute, path, report);
    checkUnique(attribute, path, report);
  }
  return problems;
}

function checkId(id: string, others: readonly SchemaDefinition[], report: Report): void {
  if (!URN.test(id)) report('id', 'Use a URN, such as urn:example:params:scim:schemas:extension:hr:2.0:User.');
  const folded = id.toLowerCase();
  if (RESERVED.test(id) || STANDARD_SCHEMAS.some((schema) => schema.id.toLowerCase() === folded))
    report('id', 'This URN is the standard’s; use one of your own.');
  for (const other of [...STANDARD_SCHEMAS, ...others].map((schema) => schema.id.toLowerCase()))
    if (folded.startsWith(`${other}:`) || other.startsWith(`${folded}:`))
      report('id', `Together with ${other} it would be unclear which attribute a name means.`);
}

function checkNames(attributes: readonly AttributeDefinition[], place: string, report: Report): void {
  const seen = new Set<string>();
  for (const [index, { name }] of attributes.entries()) {
    const path = `${place}[${index}].name`;
    if (!NAME.test(name) && !(name === '$ref' && place !== 'attributes'))
      report(path, 'Begin with a letter and go on with up to 63 letters, digits, - and _.');
    if (seen.has(name.toLowerCase())) report(path, 'Name each attribute once; letter case makes no difference.');
    seen.add(name.toLowerCase());
  }
}

function checkTraits(attribute: AttributeDefinition, path: string, report: Report): void {
  const { type, referenceTypes, mutability, returned } = attribute;
  if ((type === 'reference') !== (referenceTypes !== undefined))
    report(`${path}.referenceTypes`, 'Say what it refers to where the type is reference, and only there.');
  if (mutability === 'readOnly')
    report(`${path}.mutability`, 'Nobody would ever set it: use readWrite, immutable or writeOnly.');
  if (mutability === 'writeOnly' && returned !== 'never')
    report(`${path}.returned`, 'What can only be written is never returned.');
}

function checkComplex(attribute: AttributeDefinition, path: string, report: Report): void {
  const { type, subAttributes } = attribute;
  if (type === 'complex' && (subAttributes === undefined || subAttributes.length === 0))
    report(`${path}.subAttributes`, 'A complex attribute has sub-attributes.');
  if (type !== 'complex' && subAttributes !== undefined)
    report(`${path}.subAttributes`, 'Only a complex attribute has sub-attributes.');
  checkNames(subAttributes ?? [], `${path}.subAttributes`, report);
  for (const [index, sub] of (subAttributes ?? []).entries()) {
    const place = `${path}.subAttributes[${index}]`;
    checkTraits(sub, place, report);
    if (sub.type === 'complex') report(`${place}.type`, 'A sub-attribute is not complex (RFC 7643 §2.3.8).');
    if (sub.multiValued) report(`${place}.multiValued`, 'A sub-attribute has one value.');
    if (sub.uniqueness !== 'none') report(`${place}.uniqueness`, 'Only an attribute at the top can be unique.');
  }
}

function checkUnique({ type, multiValued, uniqueness }: AttributeDefinition, path: string, report: Report): void {
  if (uniqueness === 'global')
    report(`${path}.uniqueness`, 'Use server: that no other tenant has the same value is not checked.');
  if (uniqueness !== 'none' && (multiValued || !UNIQUE_TYPES.includes(type)))
    report(`${path}.uniqueness`, `Only one simple value can be unique: ${UNIQUE_TYPES.join(', ')}.`);
}
