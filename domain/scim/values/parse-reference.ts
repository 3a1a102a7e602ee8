import { ProvostError } from '../../errors.ts';
import type { Deviations } from '../deviation.ts';
import { isRecord } from '../json.ts';
import type { AttributeDefinition } from '../schema/definition.ts';
import { findAttribute } from '../schema/find-attribute.ts';

/** Whether a complex attribute refers to another resource by its id in `value`: `members`, `manager` (RFC 7643 §2.4). */
export const isReference = (attribute: AttributeDefinition): boolean =>
  attribute.type === 'complex' &&
  findAttribute(attribute.subAttributes, 'value') !== undefined &&
  findAttribute(attribute.subAttributes, '$ref')?.type === 'reference';

/**
 * One reference with the id in `value`: clients name a resource by its `$ref` or `id` as well. What names none is refused
 * instead of being taken for an unassigned value, which would empty a group.
 *
 * @returns undefined where it is unassigned: nothing in it, or a `value` that is empty, of a single-valued attribute
 * @throws ProvostError `INVALID_VALUE`; `INVALID_SYNTAX` (an `id`, strict only)
 */
export function readReference(
  input: unknown,
  attribute: AttributeDefinition,
  path: string,
  deviations: Deviations,
): unknown {
  if (!isRecord(input)) return isUnassigned(input) && attribute.multiValued ? refuse(path) : input;
  const part = (name: string): unknown => Object.entries(input).find(([key]) => key.toLowerCase() === name)?.[1];
  const [value, reference, id] = [part('value'), part('$ref'), part('id')];
  if (!isUnassigned(value)) return input;
  // An empty value beside whatever else clears a single reference, as Entra sends it.
  if (value === '' && !attribute.multiValued) return undefined;
  const others = Object.fromEntries(
    Object.entries(input).filter(([key]) => !['value', 'id'].includes(key.toLowerCase())),
  );
  if (typeof reference === 'string' && reference !== '') return { ...others, value: idIn(reference, path) };
  if (!isUnassigned(id)) {
    deviations.note('unknown-attribute', `${path}.id`, 'INVALID_SYNTAX', `There is no attribute ${path}.id.`);
    return { ...others, value: id };
  }
  const isEmpty = Object.values(input).every((given) => given === null || given === undefined);
  return isEmpty && !attribute.multiValued ? undefined : refuse(path);
}

const isUnassigned = (value: unknown): boolean => value === undefined || value === null || value === '';

/** The id at the end of a URI, as in `https://example.com/scim/v2/Users/2819c223` or `../Users/2819c223`. */
function idIn(reference: string, path: string): string {
  const [, id] = /(?:^|\/)[A-Za-z][\w-]*\/([^/?#]+)\/?$/.exec(reference.slice(0, LONGEST)) ?? [];
  try {
    if (id !== undefined) return decodeURIComponent(id);
  } catch {
    // Percent signs that stand for nothing: no URI of ours.
  }
  throw new ProvostError('INVALID_VALUE', `${path}.$ref must end in the path of a resource, as in ../Users/…`, {
    path: `${path}.$ref`,
  });
}

/** Characters of a URI that are looked at. */
const LONGEST = 2_048;

function refuse(path: string): never {
  throw new ProvostError(
    'INVALID_VALUE',
    `Every value of ${path} must name a resource: by value, its id, or by $ref.`,
    {
      path: `${path}.value`,
    },
  );
}
