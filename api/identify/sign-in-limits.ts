import { createHash } from 'node:crypto';
import { ProvostError } from '../../domain/errors.ts';
import { foldCase } from '../../domain/scim/fold-case.ts';
import type { PasswordOrigin } from '../../platform/passwords.ts';

/** How a caller tries to prove who it is; a label of metrics. */
export type SignInMethod = 'basic' | 'token' | 'client' | 'codec' | 'decision-link' | 'soap';

export interface SignInAttempt {
  readonly method: SignInMethod;
  /** IP address of the caller, as `trust proxy` finds it. */
  readonly address: string | undefined;
  /** Name or id that the caller presents, whether it exists or not. Absent where only a secret is presented. */
  readonly name?: string;
}

export interface SignInLimitsDependencies {
  /** Milliseconds. */
  now(): number;
  /** Called with each failed attempt. */
  observeFailure(method: SignInMethod): void;
  /** Called with each attempt that is refused unchecked; `isFirst` once for each series of failures. */
  observeRefusal(refusal: SignInRefusal): void;
}

export interface SignInRefusal {
  readonly method: SignInMethod;
  readonly address: string;
  /** What has failed too often: the name from this address, the address, or the name from many addresses. */
  readonly limit: 'pair' | 'address' | 'name';
  readonly isFirst: boolean;
}

interface Slowdown {
  /** Failures that cost nothing. */
  readonly free: number;
  /** Longest time between two checks, milliseconds. It doubles with each failure from a second on. */
  readonly longestMs: number;
}

const SLOWDOWNS = {
  pair: { free: 5, longestMs: 300_000 },
  address: { free: 20, longestMs: 60_000 },
  // Kept short: the owner of the name, at an address that is new, must get through while others guess.
  name: { free: 20, longestMs: 5_000 },
} as const satisfies Record<string, Slowdown>;

/** After this long without a failure, earlier ones are forgotten. */
const REMEMBERED_MS = 15 * 60_000;
/** How long a name that proved itself from an address is known there. */
const KNOWN_MS = 24 * 60 * 60_000;
const MOST_ENTRIES = 50_000;

interface Series {
  failures: number;
  lastFailure: number;
  /** The next attempt is checked from then on. */
  notBefore: number;
  reported: boolean;
}

export type SignInLimits = ReturnType<typeof createSignInLimits>;

/**
 * Slows guessing down without locking anybody out (OWASP ASVS 5.0 §6.3.1): failures are counted by name and address together,
 * by address, and by name. The first only slows who guesses; the other two do not apply to a name at an address where it
 * has proved itself lately. All of it is this process's own and bounded: each API process counts for itself.
 */
export function createSignInLimits({ now, observeFailure, observeRefusal }: SignInLimitsDependencies) {
  const series = createBoundedMap<Series>(MOST_ENTRIES);
  const knownUntil = createBoundedMap<number>(MOST_ENTRIES);

  const isKnown = (pair: string | undefined): boolean => pair !== undefined && (knownUntil.get(pair) ?? 0) > now();

  function seriesOf(key: string): Series | undefined {
    const found = series.get(key);
    if (found === undefined || found.lastFailure + REMEMBERED_MS > now()) return found;
    series.delete(key);
    return undefined;
  }

  function fail(key: string, { free, longestMs }: Slowdown): void {
    const found = seriesOf(key) ?? { failures: 0, lastFailure: 0, notBefore: 0, reported: false };
    found.failures += 1;
    found.lastFailure = now();
    const beyond = found.failures - free;
    found.notBefore = beyond < 0 ? 0 : now() + Math.min(longestMs, 1_000 * 2 ** Math.min(beyond, 20));
    series.set(key, found);
  }

  /** @throws ProvostError `CLIENT_THROTTLED` */
  function requireOpen(key: string, limit: keyof typeof SLOWDOWNS, { method, address }: Checked): void {
    const found = seriesOf(key);
    if (found === undefined || found.notBefore <= now()) return;
    observeRefusal({ method, address, limit, isFirst: !found.reported });
    found.reported = true;
    throw new ProvostError(
      'CLIENT_THROTTLED',
      'Too many sign-in attempts have failed. Wait as long as Retry-After says, then try again with the right credentials.',
      { retryAfterMs: found.notBefore - now() },
    );
  }

  return {
    /**
     * Checks a secret, unless too many attempts like this one have failed.
     *
     * @param check rejects with `UNAUTHENTICATED`, or an error whose status is 401, where the secret is wrong
     * @throws ProvostError `CLIENT_THROTTLED` without having checked; whatever `check` rejects with
     */
    async attempt<T>(
      { method, address: given, name }: SignInAttempt,
      check: (origin: PasswordOrigin) => Promise<T>,
    ): Promise<T> {
      const address = networkOf(given);
      const nameKey = name === undefined ? undefined : `n ${short(foldCase(name))}`;
      const pairKey = nameKey === undefined ? undefined : `p ${address} ${nameKey}`;
      const addressKey = `a ${address}`;
      const known = isKnown(pairKey);
      const checked = { method, address };
      const origin: PasswordOrigin = {
        address,
        known,
        requireOpen() {
          if (pairKey !== undefined) requireOpen(pairKey, 'pair', checked);
          if (!known) requireOpen(addressKey, 'address', checked);
          if (!known && nameKey !== undefined) requireOpen(nameKey, 'name', checked);
        },
      };
      origin.requireOpen();
      try {
        const result = await check(origin);
        if (pairKey !== undefined) {
          series.delete(pairKey);
          knownUntil.set(pairKey, now() + KNOWN_MS);
        }
        return result;
      } catch (error) {
        if (isRefused(error)) {
          observeFailure(method);
          if (pairKey !== undefined) fail(pairKey, SLOWDOWNS.pair);
          // Who is known here and mistypes must not slow down the others at this address.
          if (!known) fail(addressKey, SLOWDOWNS.address);
          if (!known && nameKey !== undefined) fail(nameKey, SLOWDOWNS.name);
        }
        throw error;
      }
    },
  };
}

type Checked = Pick<SignInRefusal, 'method' | 'address'>;

const isRefused = (error: unknown): boolean =>
  error instanceof ProvostError
    ? error.code === 'UNAUTHENTICATED'
    : error instanceof Error && 'status' in error && error.status === 401;

/** One subscriber of IPv6 has a whole /64. */
function networkOf(address: string | undefined): string {
  if (address === undefined) return 'unknown';
  if (!address.includes(':') || /^::ffff:[\d.]+$/i.test(address)) return address.replace(/^::ffff:/i, '');
  const [head = '', tail] = address.split('::', 2);
  const groups = head.split(':');
  if (tail !== undefined) {
    const behind = tail === '' ? [] : tail.split(':');
    groups.push(...Array<string>(Math.max(0, 8 - groups.length - behind.length)).fill('0'), ...behind);
  }
  return `${groups.slice(0, 4).join(':')}::/64`;
}

const short = (text: string): string =>
  text.length <= 64 ? text : createHash('sha256').update(text).digest('base64url');

/** Drops what was set longest ago, so that callers cannot fill the memory. */
function createBoundedMap<V>(most: number) {
  const entries = new Map<string, V>();
  return {
    get: (key: string): V | undefined => entries.get(key),
    delete: (key: string): void => void entries.delete(key),
    set(key: string, value: V): void {
      entries.delete(key);
      entries.set(key, value);
      const [oldest] = entries.keys();
      if (entries.size > most && oldest !== undefined) entries.delete(oldest);
    },
  };
}
