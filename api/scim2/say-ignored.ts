import type { Response } from 'express';
import type { Deviation, DeviationCode } from '../../domain/scim/deviation.ts';

/** Deviations by which something that was sent is not done. */
const IGNORED: ReadonlySet<DeviationCode> = new Set(['unknown-attribute', 'duplicate-attribute', 'read-only']);

/** Tells the client, by a header, which attributes of its request were left out: success alone would hide it. @param named in the protocol's own words */
export function sayIgnored(
  response: Response,
  deviations: readonly Deviation[],
  named: (path: string) => string = (path) => path,
): void {
  const paths = deviations.filter(({ code }) => IGNORED.has(code)).flatMap(({ path }) => path ?? []);
  const names = [...new Set(paths.map(named))];
  if (names.length > 0) response.set('Provost-Ignored', names.slice(0, 20).join(', '));
}
