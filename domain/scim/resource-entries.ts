import { ProvostError } from '../errors.ts';
import { bindPath, formatPath, respellName, splitAttributePath } from './attribute-path.ts';
import type { Deviations } from './deviation.ts';
import { isRecord } from './json.ts';
import type { AttributeDefinition, ResourceTypeDefinition, SchemaDefinition } from './schema/definition.ts';
import {
  findAttribute,
  findCoreAttribute,
  findExtension,
  isCoreSchema,
  isServerComputed,
} from './schema/find-attribute.ts';
import { nameForMessage } from './values/parse-value.ts';

/** One attribute of a resource as a client wrote it, its name understood and its value not yet looked at. */
export interface ResourceEntry {
  readonly extension?: string;
  readonly attribute: AttributeDefinition;
  readonly value: unknown;
  /** The attribute in the schema's spelling. */
  readonly path: string;
}

type Input = Readonly<Record<string, unknown>>;

/**
 * The attributes of a body, each once, in the body's order; those that the server computes are left out. Understood
 * besides the RFC's form, where the mode allows: an extension's attribute under a URN-qualified name, core attributes
 * under the core schema's URN, a sub-attribute under a dotted name, an extension under its schema's short name.
 */
export function takeEntries(
  input: Input,
  type: ResourceTypeDefinition,
  deviations: Deviations,
): readonly ResourceEntry[] {
  const taken = new Map<string, ResourceEntry>();
  /** Complex attributes of which a dotted name gave a part. */
  const pieces = new Set<string>();
  const take = (attribute: AttributeDefinition, value: unknown, extension?: SchemaDefinition) => {
    if (value === undefined || isServerComputed(attribute)) return;
    const bound = { ...(extension === undefined ? {} : { extension: extension.id }), attribute };
    const path = formatPath(bound);
    const earlier = taken.get(path);
    if (earlier === undefined) taken.set(path, { ...bound, value, path });
    else if (pieces.has(path) && isRecord(value) && isRecord(earlier.value))
      taken.set(path, { ...bound, value: { ...value, ...earlier.value }, path });
    else deviations.note('duplicate-attribute', path, 'INVALID_SYNTAX', `${path} is given twice.`);
  };

  const walk = (object: Input, within?: SchemaDefinition) => {
    for (const [name, value] of Object.entries(object)) {
      if (within === undefined && name.toLowerCase() === 'schemas') continue;
      const extension = within === undefined ? findExtension(type, name) : undefined;
      const attribute = within === undefined ? findCoreAttribute(type, name) : findAttribute(within.attributes, name);
      if (extension !== undefined) enter(value, extension.id, (inner) => walk(inner, extension));
      else if (attribute !== undefined) take(attribute, value, within);
      else if (within !== undefined || !takeQualified(name, value))
        noteUnknown(within === undefined ? name : `${within.id}:${name}`, type, deviations);
    }
  };

  const takeQualified = (name: string, value: unknown): boolean => {
    if (isCoreSchema(type, name)) {
      deviations.note('qualified-key', name, 'INVALID_SYNTAX', `Core attributes go to the top, not under ${name}.`);
      enter(value, name, (inner) => walk(inner));
      return true;
    }
    const respelt = respellName(name, type);
    if (respelt !== name) {
      const shown = nameForMessage(name);
      deviations.note('loose-name', shown, 'INVALID_SYNTAX', `${shown} is written ${nameForMessage(respelt)}.`);
    }
    const named = findExtension(type, respelt);
    if (named !== undefined) {
      enter(value, named.id, (inner) => walk(inner, named));
      return true;
    }
    const split = splitAttributePath(respelt);
    const bound = split === undefined ? undefined : bindPath(split, type);
    if (bound === undefined || (bound.sub !== undefined && bound.attribute.multiValued)) return false;
    const path = formatPath(bound);
    deviations.note('qualified-key', path, 'INVALID_SYNTAX', `${path} must be nested, not named by its path.`);
    const { sub, ...whole } = bound;
    const extension = whole.extension === undefined ? undefined : findExtension(type, whole.extension);
    if (sub === undefined) take(whole.attribute, value, extension);
    else mergeSub(formatPath(whole), sub.name, value, () => take(whole.attribute, {}, extension));
    return true;
  };

  const mergeSub = (path: string, sub: string, value: unknown, create: () => void) => {
    if (!taken.has(path)) create();
    pieces.add(path);
    const entry = taken.get(path);
    if (entry !== undefined && isRecord(entry.value))
      taken.set(path, { ...entry, value: { [sub]: value, ...entry.value } });
  };

  walk(input);
  return [...taken.values()];
}

function enter(value: unknown, path: string, walk: (inner: Input) => void): void {
  if (value === null || value === undefined) return;
  if (!isRecord(value)) throw new ProvostError('INVALID_VALUE', `${path} must be an object.`, { path });
  walk(value);
}

function noteUnknown(name: string, type: ResourceTypeDefinition, deviations: Deviations): void {
  const path = nameForMessage(name);
  deviations.note('unknown-attribute', path, 'INVALID_SYNTAX', `${type.name} has no attribute ${path}.`);
}
