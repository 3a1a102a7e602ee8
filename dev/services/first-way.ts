import { CannotStartError, messageOf } from './progress.ts';

/** One way of getting at something that a service needs. */
export interface Way<T> {
  /** As it reads after "tried": "a temporal program on PATH". */
  readonly name: string;
  /** Gives nothing when the way does not lead anywhere on this machine; throws when it was tried and failed. */
  readonly find: () => Promise<T | undefined>;
}

/**
 * Takes the first way that works.
 *
 * @param advice what a person can do when none does
 * @throws {@link CannotStartError} that lists every way with its reason, then the advice
 */
export async function firstWay<T>(what: string, ways: readonly Way<T>[], advice: string): Promise<T> {
  const reasons: string[] = [];
  for (const { name, find } of ways) {
    try {
      const found = await find();
      if (found !== undefined) return found;
      reasons.push(`${name}: there is none`);
    } catch (error) {
      reasons.push(`${name}: ${messageOf(error)}`);
    }
  }
  throw new CannotStartError(`${what} cannot be had here. Tried:\n  - ${reasons.join('\n  - ')}\n${advice}`);
}
