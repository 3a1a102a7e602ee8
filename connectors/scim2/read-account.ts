import { isRecord } from '../../domain/scim/json.ts';
import type { ScimObject, ScimValue } from '../../domain/scim/resource.ts';
import type { Account } from '../connector.ts';

/** An account with the version that a target gave it, if it keeps versions (RFC 7644 §3.14). */
export interface ReadAccount extends Account {
  readonly version?: string;
}

export interface ReadList {
  readonly accounts: readonly ReadAccount[];
  /** How many there are in all, as far as the target says. */
  readonly total: number;
  /** Where the next page begins (RFC 9865); of targets that page so. */
  readonly nextCursor?: string;
}

/** @returns undefined where it is no resource with an id */
export function readAccount(body: unknown): ReadAccount | undefined {
  if (!isRecord(body)) return undefined;
  const { id, meta, ...attributes } = body;
  const remoteId = typeof id === 'number' ? String(id) : id;
  if (typeof remoteId !== 'string' || remoteId === '') return undefined;
  const version = isRecord(meta) ? meta['version'] : undefined;
  const content = attributes as { readonly [name: string]: ScimValue };
  return { remoteId, content, ...(typeof version === 'string' && version !== '' ? { version } : {}) };
}

/** @returns undefined where it is no list of resources */
export function readList(body: unknown): ReadList | undefined {
  if (!isRecord(body)) return undefined;
  // Entra's own endpoint writes `resources`; where nothing was found the member may be missing (RFC 7644 §3.4.2).
  const listed = body['Resources'] ?? body['resources'] ?? (body['totalResults'] === 0 ? [] : undefined);
  if (!Array.isArray(listed)) return undefined;
  const accounts = listed.map(readAccount).filter((account) => account !== undefined);
  const total = body['totalResults'];
  const next = body['nextCursor'];
  return {
    accounts,
    total: typeof total === 'number' ? total : listed.length,
    ...(typeof next === 'string' && next !== '' ? { nextCursor: next } : {}),
  };
}

/** Whether a target that answered a change showed the account, and not just its id. */
export const showsAttributes = (content: ScimObject): boolean =>
  Object.keys(content).some((name) => name !== 'schemas' && name !== 'externalId');
