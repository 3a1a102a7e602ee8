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
  const changes = changesOf(held, wanted).flatMap((change) =>
    isSchemaUrn(change.name) ? changesOf(objectOf(change.held), objectOf(change.wanted), change.name) : [change],
  );
  const operations = changes.flatMap(operationsOf);
  const replaced = changes.filter((change) => operationsOf(change).some(isReplacement));
  if (paths === 'always' || replaced.length === 0) return operations;
  return [
    ...operations.filter((operation) => !isReplacement(operation)),
    // Some targets add the values of an operation without path to the ones they have (scimmy).
    ...replaced.filter(losesElements).map(({ path }) => ({ op: 'remove', path }) as const),
    { op: 'replace', value: valuesOf(replaced) },
  ];
}

export const patchBody = (operations: readonly PatchOperation[]) => ({
  schemas: [PATCH_SCHEMA],
  Operations: operations,
});

/** One attribute, before and after. */
interface Change {
  readonly path: string;
  readonly extension?: string;
  readonly name: string;
  readonly held: ScimValue | undefined;
  readonly wanted: ScimValue | undefined;
}

function changesOf(held: ScimObject, wanted: ScimObject, extension?: string): Change[] {
  return namesOf(held, wanted).map((name) => ({
    // A schema's URN is no attribute, so each of the extension's attributes has a path of its own (RFC 7644 §3.10).
    path: extension === undefined ? name : `${extension}:${name}`,
    ...(extension === undefined ? {} : { extension }),
    name,
    held: held[name],
    wanted: wanted[name],
  }));
}

function operationsOf({ path, extension, held, wanted }: Change): PatchOperation[] {
  const operations = attributeOperations(path, held, wanted);
  if (extension === undefined || !isObject(wanted) || !operations.some(isReplacement)) return operations;
  // `urn:…:User:manager.value` is a path that many targets don't find, scimmy among them; `urn:…:User:manager` they do.
  const value = Object.fromEntries(Object.entries(wanted).filter(([name]) => !READ_ONLY.test(`${path}.${name}`)));
  return [...operations.filter((operation) => !isReplacement(operation)), { op: 'replace', path, value }];
}

/** The new values as an operation without path has them. */
function valuesOf(changes: readonly Change[]): ScimObject {
  const values: Record<string, ScimValue> = {};
  for (const { extension, name, wanted } of changes) {
    if (wanted === undefined) continue;
    if (extension === undefined) values[name] = wanted;
    else values[extension] = { ...objectOf(values[extension]), [name]: wanted };
  }
  return values;
}

const losesElements = ({ held, wanted }: Change): boolean =>
  isArray(held) && isArray(wanted) && held.some((element) => !wanted.some((other) => isSame([element], [other])));

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
