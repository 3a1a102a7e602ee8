import { ProvostError } from '../../errors.ts';
import { type Deviation, Deviations } from '../deviation.ts';
import { isObject, isSameValue, omit, ownValue } from '../json.ts';
import type { Mode } from '../mode.ts';
import { missingRequired } from '../required.ts';
import type { PatchOperation, Resource, ScimObject } from '../resource.ts';
import { declareSchemas } from '../schema/declare-schemas.ts';
import type { ResourceTypeDefinition, SchemaDefinition } from '../schema/definition.ts';
import { isServerComputed } from '../schema/find-attribute.ts';
import { nameForMessage } from '../values/parse-value.ts';
import { changeAttribute } from './change-attribute.ts';
import { type AttributeTarget, readTarget } from './patch-target.ts';
import { WorkLimit } from './work-limit.ts';

export interface PatchedResource {
  readonly resource: Resource;
  readonly changed: boolean;
  /** What only the resource as it stood could tell: `element-created`, `nothing-matched`. */
  readonly deviations: readonly Deviation[];
}

/**
 * The resource after a PATCH (RFC 7644 §3.5.2): the operations one after another, all or none. In tolerant mode an
 * element that a path selects and that is not there is created from the path (Entra, peers.md 3.3 no. 5), and removing
 * one that is not there does nothing.
 *
 * @param operations as `normalisePatch` returns them
 * @returns `changed` false where nothing differs; `resource` then is `before`
 * @throws ProvostError `NO_TARGET`, `MUTABILITY` (read-only; an immutable value would change; a required one would go),
 *   `INVALID_PATH`, `INVALID_VALUE`, `TOO_MANY`
 */
export function applyPatch(
  before: Resource,
  operations: readonly PatchOperation[],
  type: ResourceTypeDefinition,
  mode: Mode,
): PatchedResource {
  const deviations = new Deviations(mode);
  const run: Run = { type, deviations, work: new WorkLimit() };
  let patched: ScimObject = before;
  for (const operation of operations) patched = applyOperation(patched, operation, run);
  const after = declareSchemas(patched, type);
  refuseMissing(before, after, type);
  const changed = !isSameValue(before, after, 'unordered');
  return { resource: changed ? after : before, changed, deviations: deviations.list };
}

/** One request on its way. */
interface Run {
  readonly type: ResourceTypeDefinition;
  readonly deviations: Deviations;
  readonly work: WorkLimit;
}

function applyOperation(resource: ScimObject, operation: PatchOperation, run: Run): ScimObject {
  const { path } = operation;
  const { type, deviations } = run;
  const target = path === undefined ? ({ kind: 'resource' } as const) : readTarget(path, type, deviations.mode);
  if (target === undefined) throw invalidPath(`${type.name} has no attribute ${nameForMessage(path ?? '')}.`);
  if (target.kind === 'attribute') return applyToAttribute(resource, operation, target, run);
  const isRemove = operation.op === 'remove';
  if (target.kind === 'extension' && isRemove) return withoutExtension(resource, target.schema);
  if (isRemove) throw new ProvostError('NO_TARGET', 'A remove must have a path: it says what to remove.');
  return applyEach(resource, operation, target.kind === 'extension' ? `${target.schema.id}:` : '', run);
}

/** What the server alone writes stays (RFC 7643 §2.2, readOnly). */
function withoutExtension(resource: ScimObject, { id, attributes }: SchemaDefinition): ScimObject {
  const held = ownValue(resource, id);
  const names = new Set(attributes.filter(isServerComputed).map(({ name }) => name));
  const kept = Object.entries(isObject(held) ? held : {}).filter(([name]) => names.has(name));
  return kept.length === 0 ? omit(resource, id) : { ...resource, [id]: Object.fromEntries(kept) };
}

/** Without a path, and on a whole extension, the value names the attributes. */
function applyEach(resource: ScimObject, { op, value }: PatchOperation, prefix: string, run: Run): ScimObject {
  if (!isObject(value)) throw new ProvostError('INVALID_VALUE', 'The value must be an object of attributes.');
  let patched = resource;
  for (const [name, part] of Object.entries(value))
    patched = applyOperation(patched, { op, path: `${prefix}${name}`, value: part }, run);
  return patched;
}

function applyToAttribute(
  resource: ScimObject,
  { op, value }: PatchOperation,
  target: AttributeTarget,
  { deviations, work }: Run,
): ScimObject {
  const { extension, attribute } = target;
  const within = extension === undefined ? resource : ownValue(resource, extension);
  const holder = isObject(within) ? within : {};
  const held = ownValue(holder, attribute.name);
  work.spend(held, target);
  const next = changeAttribute(held, op, value, target, deviations);
  if (next === held) return resource;
  const changed = next === undefined ? omit(holder, attribute.name) : { ...holder, [attribute.name]: next };
  return extension === undefined ? changed : { ...resource, [extension]: changed };
}

/** An account at a target may lack what our schema requires; only what this request took away is refused. */
function refuseMissing(before: Resource, after: Resource, type: ResourceTypeDefinition): void {
  const missing = missingRequired(after, type);
  if (missing.length === 0) return;
  const missed = new Set(missingRequired(before, type));
  const path = missing.find((name) => !missed.has(name));
  if (path !== undefined) throw new ProvostError('MUTABILITY', `${path} is required and cannot be removed.`, { path });
}

const invalidPath = (message: string): ProvostError => new ProvostError('INVALID_PATH', message);
