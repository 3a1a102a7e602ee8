import type { Response } from 'express';
import type { Deviation, DeviationCode } from '../../domain/scim/deviation.ts';

/** Deviations by which something that was sent is not done. */
const IGNORED: ReadonlySet<DeviationCode> = new Set(['unknown-attribute', 'duplicate-attribute', 'read-only']);

/** Tells the client, by a header, which attributes of its request were left out: success alone would hide it. */
export function sayIgnored(response: Response, deviations: readonly Deviation[]): void {
  const names = deviations.filter(({ code }) => IGNORED.has(code)).flatMap(({ path }) => path ?? []);
  if (names.length > 0) response.set('Provost-Ignored', names.slice(0, 20).join(', '));
}
