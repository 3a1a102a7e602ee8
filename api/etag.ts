import type { Request } from 'express';
import { ProvostError } from '../domain/errors.ts';

/** Weak, as RFC 7644 §3.14 shows them: the version counts changes to the resource, not to its bytes. */
export const etagOf = (version: number): string => `W/"${version}"`;

/**
 * Version that the client expects.
 *
 * @returns undefined without If-Match; `*` for any that exists; for a list of tags the newest that could match
 * @throws ProvostError `VERSION_MISMATCH` for a tag that no version of ours can have
 */
export function expectedVersion(request: Pick<Request, 'headers'>): string | undefined {
  const header = request.headers['if-match'];
  if (header === undefined) return undefined;
  if (header.trim() === '') throw emptyIfMatch();
  if (header.trim() === '*') return '*';
  const versions = [...header.matchAll(/(?:W\/)?"([^"]*)"/g)]
    .map((match) => match[1] ?? '')
    .filter((tag) => /^\d+$/.test(tag));
  const newest = versions.sort((a, b) => Number(b) - Number(a))[0];
  if (newest === undefined)
    throw new ProvostError('VERSION_MISMATCH', 'The resource has no version with the tag in If-Match; read it again.');
  return newest;
}

/** If-None-Match on a read: whether the client has this version already (304). */
export const clientHas = (request: Request, version: number): boolean =>
  lists(request.headers['if-none-match'], version);

/** If-Match on a read (RFC 9110 §13.1.1): whether the version is none of those that the client wants (412). */
export function clientWantsAnother(request: Request, version: number): boolean {
  const header = request.headers['if-match'];
  if (header?.trim() === '') throw emptyIfMatch();
  return header !== undefined && !lists(header, version);
}

/** A client whose ETag got lost must not be taken for one that sets no condition. */
const emptyIfMatch = (): ProvostError =>
  new ProvostError('INVALID_VALUE', 'If-Match must name a version, as in W/"3", or be * or left out.', {
    path: 'If-Match',
  });

function lists(header: string | undefined, version: number): boolean {
  if (header === undefined) return false;
  if (header.trim() === '*') return true;
  return [...header.matchAll(/(?:W\/)?"([^"]*)"/g)].some((match) => match[1] === String(version));
}
