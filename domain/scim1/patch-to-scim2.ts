import { ProvostError } from '../errors.ts';
import { Deviations } from '../scim/deviation.ts';
import { isRecord } from '../scim/json.ts';
import { PATCH_SCHEMA } from '../scim/patch/read-operations.ts';
import type { AttributeDefinition, ResourceTypeDefinition } from '../scim/schema/definition.ts';
import { findAttribute, findCoreAttribute, findExtension, isServerComputed } from '../scim/schema/find-attribute.ts';
import { nameForMessage } from '../scim/values/parse-value.ts';
import { toName2, toUrn2 } from './names.ts';
import { takeOperation, toExtension2, toValue2 } from './to-scim2.ts';

/** An operation of a SCIM 2.0 PATCH, not looked at yet. */
export interface WantedOperation {
  readonly op: 'add' | 'replace' | 'remove';
  readonly path?: string;
  readonly value?: unknown;
}

export interface PatchRequest {
  readonly schemas: readonly string[];
  readonly Operations: readonly WantedOperation[];
}

type Input = Readonly<Record<string, unknown>>;

/** A value that is longer is not looked for among those that are there: a path has its limits. */
const LONGEST_MATCHED = 1_000;

/**
 * A SCIM 1.1 PATCH (REST API 1.1 §3.3.2) as a SCIM 2.0 one. What `meta.attributes` names goes first. Then the body is
 * merged: single values replace, parts of complex ones are replaced, values of multi-valued attributes are added, or
 * complete the one whose `value` is the same, or leave where their `operation` is `delete`.
 *
 * The result is for `normalisePatch` in tolerant mode: the strict profile of SCIM 2.0 knows nothing of merging.
 *
 * @param deviations learns what no schema has, which is left out: SCIM 2.0 might take its name for a path
 * @throws ProvostError `INVALID_SYNTAX` (no object; nothing but what no schema has), `INVALID_VALUE`
 */
export function patchToScim2(
  input: unknown,
  type: ResourceTypeDefinition,
  deviations: Deviations = new Deviations('tolerant'),
): PatchRequest {
  if (!isRecord(input))
    throw new ProvostError(
      'INVALID_SYNTAX',
      `The body must be an object: the attributes of one ${type.name} to change.`,
    );
  const unknown: string[] = [];
  const single: Record<string, unknown> = {};
  const changes: WantedOperation[] = [];
  const named = new Set<string>();
  const removed = removedAttributes(input, type);
  for (const [name, value] of Object.entries(input)) {
    const urn = toUrn2(name, type);
    const attribute = findCoreAttribute(type, name);
    const extension = findExtension(type, urn);
    if (attribute === undefined && extension === undefined) unknown.push(nameForMessage(name));
    // What the server alone says is as it is, whatever a client sends back of it.
    if (attribute !== undefined && isServerComputed(attribute)) continue;
    if (extension !== undefined) single[urn] = toExtension2(value, urn);
    else if (attribute?.multiValued) changes.push(...changesOf(value, attribute, removed.has(attribute.name)));
    else if (attribute !== undefined) single[name] = toValue2(value, name, type);
    if (attribute !== undefined && attribute.type !== 'complex') named.add(attribute.name);
  }
  const message = (name: string): string => `${type.name} has no attribute ${name}.`;
  for (const name of unknown) deviations.note('unknown-attribute', name, 'INVALID_SYNTAX', message(name));
  const isNothingElse = removed.size === 0 && changes.length === 0 && Object.keys(single).length === 0;
  if (unknown[0] !== undefined && isNothingElse) throw new ProvostError('INVALID_SYNTAX', message(unknown[0]));
  return {
    schemas: [PATCH_SCHEMA],
    Operations: [
      // A single value that is given anyway need not go first, and a required one could not.
      ...[...removed].filter((path) => !named.has(path)).map((path) => ({ op: 'remove', path }) as const),
      ...(Object.keys(single).length === 0 ? [] : [{ op: 'replace', value: single } as const]),
      ...changes,
    ],
  };
}

/** Names of SCIM 2.0, in the schema's spelling where they name an attribute of the core. */
function removedAttributes(input: Input, type: ResourceTypeDefinition): ReadonlySet<string> {
  const meta = partOf(input, 'meta');
  const names = isRecord(meta) ? partOf(meta, 'attributes') : undefined;
  if (names === undefined || names === null) return new Set();
  const list: readonly unknown[] = Array.isArray(names) ? names : [names];
  return new Set(
    list.map((name) => {
      if (typeof name !== 'string' || !/^[\w$.:-]{1,256}$/.test(name.trim()))
        throw new ProvostError('INVALID_VALUE', 'meta.attributes lists names of attributes.', {
          path: 'meta.attributes',
        });
      const known = toName2(name, type);
      return findCoreAttribute(type, known)?.name ?? known;
    }),
  );
}

const partOf = (object: Input, name: string): unknown =>
  Object.entries(object).find(([key]) => key.toLowerCase() === name)?.[1];

function changesOf(value: unknown, attribute: AttributeDefinition, isCleared: boolean): readonly WantedOperation[] {
  const path = attribute.name;
  if (value === null) return [{ op: 'remove', path }];
  const elements = (Array.isArray(value) ? value : [value]).map((element: unknown) =>
    takeOperation(isRecord(element) ? element : { value: element }),
  );
  const leaving = isCleared ? [] : elements.filter(({ deletes }) => deletes).map(({ element }) => element);
  const joining = elements.filter(({ deletes }) => !deletes).map(({ element }) => element);
  return [
    ...(leaving.length === 0
      ? []
      : [{ op: 'remove', path, value: leaving.map((one) => identity(one, path)) } as const]),
    ...joined(joining, attribute),
  ];
}

/** What a value to delete is told by: its `value` alone (REST API 1.1 §3.3.2); where it has none, everything given. */
function identity(element: Input, path: string): Input {
  const entries = Object.entries(element).filter(([, part]) => part !== null && part !== undefined && part !== '');
  if (entries.length === 0)
    throw new ProvostError('INVALID_VALUE', `A value of ${path} to delete must be told by its value.`, { path });
  const value = entries.filter(([name]) => name.toLowerCase() === 'value');
  return Object.fromEntries(value.length > 0 ? value : entries);
}

function joined(elements: readonly Input[], attribute: AttributeDefinition): readonly WantedOperation[] {
  const path = attribute.name;
  if (elements.length === 0) return [];
  // A member is its value and nothing else; they come by the thousand.
  const hasValue = findAttribute(attribute.subAttributes, 'value') !== undefined;
  if (!hasValue || path === 'members') return [{ op: 'add', path, value: elements }];
  return elements.map((element) => {
    const value = partOf(element, 'value');
    const isTold = (typeof value === 'string' && value !== '' && value.length <= LONGEST_MATCHED) || isSimple(value);
    return isTold
      ? { op: 'add', path: `${path}[value eq ${JSON.stringify(String(value))}]`, value: element }
      : { op: 'add', path, value: [element] };
  });
}

const isSimple = (value: unknown): boolean => typeof value === 'number' || typeof value === 'boolean';
