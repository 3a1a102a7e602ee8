import { isObject } from '../scim/json.ts';
import { readTarget } from '../scim/patch/patch-target.ts';
import type { PatchOperation, ScimObject, ScimValue } from '../scim/resource.ts';
import type { ResourceTypeDefinition } from '../scim/schema/definition.ts';
import type { Difference } from './difference.ts';
import { EVERYTHING } from './touches.ts';

/**
 * What the operations of a PATCH say about each attribute, where nobody knows what they are applied to. Where it cannot
 * be told which attribute an operation is about, it is about {@link EVERYTHING}.
 */
export function saidBy(operations: readonly PatchOperation[], type: ResourceTypeDefinition): Difference[] {
  const said = new Map<string, PatchOperation[]>();
  for (const operation of operations)
    for (const { attribute, own } of partsOf(operation, type))
      said.set(attribute, [...(said.get(attribute) ?? []), own]);
  return [...said]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([attribute, parts]) => inShort(attribute, parts));
}

interface Part {
  readonly attribute: string;
  readonly own: PatchOperation;
}

function partsOf(operation: PatchOperation, type: ResourceTypeDefinition): readonly Part[] {
  const { op, path, value } = operation;
  const target = path === undefined ? ({ kind: 'resource' } as const) : targetOf(path, type);
  if (target?.kind === 'attribute') {
    const { extension, attribute } = target;
    return [{ attribute: extension === undefined ? attribute.name : `${extension}:${attribute.name}`, own: operation }];
  }
  if (target?.kind === 'extension' && op === 'remove')
    return target.schema.attributes.map(({ name }) => ({ attribute: `${target.schema.id}:${name}`, own: operation }));
  if (target === undefined || !isObject(value)) return [{ attribute: EVERYTHING, own: operation }];
  const prefix = target.kind === 'extension' ? `${target.schema.id}:` : '';
  return Object.entries(value).flatMap(([name, part]) =>
    name === 'schemas' ? [] : partsOf({ op, path: `${prefix}${name}`, value: part }, type),
  );
}

function targetOf(path: string, type: ResourceTypeDefinition): ReturnType<typeof readTarget> {
  try {
    return readTarget(path, type, 'tolerant');
  } catch {
    return undefined;
  }
}

/** A plain value is shown as it will be, everything else as the operations that are asked for. */
function inShort(attribute: string, parts: readonly PatchOperation[]): Difference {
  const [first] = parts;
  if (parts.length === 1 && first?.path?.toLowerCase() === attribute.toLowerCase())
    return first.op === 'remove' || first.value === undefined ? { attribute } : { attribute, after: first.value };
  return { attribute, after: parts.map(asShown) };
}

const asShown = ({ op, path, value }: PatchOperation): ScimValue => {
  const shown: ScimObject = { op, ...(path === undefined ? {} : { path }), ...(value === undefined ? {} : { value }) };
  return shown;
};
