import { isProvostError } from '../../errors.ts';
import { isRecord } from '../json.ts';
import type { ResourceTypeDefinition } from '../schema/definition.ts';
import { normalisePatch } from './normalise-patch.ts';
import { PATCH_SCHEMA } from './read-operations.ts';

/**
 * Which operation of a PATCH is about an attribute; of several the last one, which counts.
 *
 * @param body of a PATCH that was understood
 * @returns `Operations[1]`; undefined where none is
 */
export function operationOn(attribute: string, body: unknown, type: ResourceTypeDefinition): string | undefined {
  const name = isRecord(body) ? Object.keys(body).find((key) => key.toLowerCase() === 'operations') : undefined;
  const operations: unknown = isRecord(body) && name !== undefined ? body[name] : undefined;
  if (!Array.isArray(operations)) return undefined;
  const index = operations.findLastIndex((operation: unknown) => isOn(attribute, operation, type));
  return index < 0 ? undefined : `Operations[${index}]`;
}

function isOn(attribute: string, operation: unknown, type: ResourceTypeDefinition): boolean {
  try {
    const { operations } = normalisePatch({ schemas: [PATCH_SCHEMA], Operations: [operation] }, type, 'tolerant');
    return operations.some(({ path }) => path === attribute);
  } catch (error) {
    // By itself it would be refused; beside others it was left out.
    if (isProvostError(error)) return false;
    throw error;
  }
}
