import { createHash } from 'node:crypto';
import type { Behaviour, ReceivedRequest } from '../connectors/faulty-target.ts';

/**
 * What happens to a request at a target, by the seed and by what the request is and how often it came: not by when, so
 * that the same seed is the same misfortune.
 *
 * @param refuses whether it refuses a write now and then, as a target does that has rules of its own
 */
export function misfortunes(
  seed: number,
  target: number,
  refuses: boolean,
): (request: ReceivedRequest) => Behaviour | undefined {
  const seen = new Map<string, number>();
  return ({ method, path, body }) => {
    const what = `${seed} ${target} ${method} ${path} ${body}`;
    const times = (seen.get(what) ?? 0) + 1;
    seen.set(what, times);
    const fate = createHash('sha256').update(`${what} ${times}`).digest().readUInt32BE() / 2 ** 32;
    return refuses && method !== 'GET' && fate > 0.98 ? REFUSED : fateAt(fate);
  };
}

const REFUSED: Behaviour = { kind: 'answer', status: 400, body: { status: '400', detail: 'not like this' } };

function fateAt(fate: number): Behaviour | undefined {
  if (fate < 0.04) return { kind: 'answer', status: 500, body: 'down' };
  if (fate < 0.07) return { kind: 'answer', status: 429, headers: { 'retry-after': '0' }, body: 'slowly' };
  if (fate < 0.1) return { kind: 'drop' };
  if (fate < 0.13) return { kind: 'pass-then-drop' };
  if (fate < 0.14) return { kind: 'pass-then-hang' };
  if (fate < 0.16) return { kind: 'pass-then-answer', status: 200, body: '<html>somebody else’s page</html>' };
  if (fate < 0.18) return { kind: 'answer', status: 503, body: 'busy', delayMs: 200 };
  return undefined;
}
