import { isArray, isObject, isSameValue, omit } from '../../domain/scim/json.ts';
import type { PatchOperation, ScimObject, ScimValue } from '../../domain/scim/resource.ts';
import { isSchemaUrn, withoutEmpty } from './sent-form.ts';

export const PATCH_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

export type PatchPaths = 'always' | 'omitted';

/** Computed by every target (RFC 7643 §4.1.2, §4.3): not ours to change. */
const READ_ONLY = /^groups$|[.:]\$ref$|:manager\.displayName$/i;

/**
 * The operations that make `before` hold `after`; none where it does already. One for each attribute that differs:
 * simple ones and those inside a complex one by their path, multi-valued ones whole. All but removals are `replace`,
 * which adds what is missing (RFC 7644 §3.5.2.3) and, unlike `add`, leaves the same after a repetition.
 *
 * @param paths `omitted`: all new values in one operation without path
 */
export function patchOperations(before: ScimObject, after: ScimObject, paths: PatchPaths = 'always'): PatchOperation[] {
  const held = withoutEmpty(before);
  const wanted = withoutEmpty(after);
  const operations: PatchOperation[] = [];
  const values: Record<string, ScimValue> = {};
  for (const name of namesOf(held, wanted)) {
    const found = isSchemaUrn(name)
      ? extensionOperations(name, objectOf(held[name]), objectOf(wanted[name]), values)
      : attributeOperations(name, held[name], wanted[name]);
    const value = wanted[name];
    if (!isSchemaUrn(name) && value !== undefined && found.some(isReplacement)) values[name] = value;
    operations.push(...found);
  }
  if (paths === 'always' || Object.keys(values).length === 0) return operations;
  return [{ op: 'replace', value: values }, ...operations.filter((operation) => !isReplacement(operation))];
}

export const patchBody = (operations: readonly PatchOperation[]) => ({
  schemas: [PATCH_SCHEMA],
  Operations: operations,
});

/** A schema's URN is no attribute, so each of the extension's attributes has a path of its own (RFC 7644 §3.10). */
function extensionOperations(
  urn: string,
  held: ScimObject,
  wanted: ScimObject,
  values: Record<string, ScimValue>,
): PatchOperation[] {
  const changed: Record<string, ScimValue> = {};
  const operations = namesOf(held, wanted).flatMap((name) => {
    const found = attributeOperations(`${urn}:${name}`, held[name], wanted[name]);
    const value = wanted[name];
    if (value !== undefined && found.some(isReplacement)) changed[name] = value;
    return found;
  });
  if (Object.keys(changed).length > 0) values[urn] = changed;
  return operations;
}

function attributeOperations(
  path: string,
  held: ScimValue | undefined,
  wanted: ScimValue | undefined,
): PatchOperation[] {
  if (READ_ONLY.test(path)) return [];
  if (wanted === undefined) return held === undefined ? [] : [{ op: 'remove', path }];
  if (isObject(held) && isObject(wanted)) {
    return namesOf(held, wanted).flatMap((name) => attributeOperations(`${path}.${name}`, held[name], wanted[name]));
  }
  return isSame(held, wanted) ? [] : [{ op: 'replace', path, value: wanted }];
}

const namesOf = (held: ScimObject, wanted: ScimObject): string[] => [
  ...new Set([...Object.keys(held), ...Object.keys(wanted)]),
];

const objectOf = (value: ScimValue | undefined): ScimObject => (isObject(value) ? value : {});

const isReplacement = ({ op }: PatchOperation): boolean => op === 'replace';

/** Multi-valued attributes are sets (RFC 7643 §2.4). */
const isSame = (held: ScimValue | undefined, wanted: ScimValue): boolean =>
  isSameValue(comparable(held), comparable(wanted), 'unordered');

/** `primary`: false says the same as none, and `$ref` is the target's to compute. */
function comparable(value: ScimValue | undefined): ScimValue | undefined {
  if (!isArray(value)) return value;
  return value.map((element) => {
    if (!isObject(element)) return element;
    const given = omit(element, '$ref');
    return given['primary'] === false ? omit(given, 'primary') : given;
  });
}
