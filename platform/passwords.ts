import { hash, verify } from '@node-rs/argon2';
import { ProvostError } from '../domain/errors.ts';

/** OWASP's second choice for argon2id (Password Storage Cheat Sheet): 19 MiB, two passes, one lane. Some 20 ms. */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** Hash of 32 random bytes that nobody kept, made with the parameters above. */
const NOBODY = '$argon2id$v=19$m=19456,t=2,p=1$Jgo82SV50YUZE+g9VLuz0w$1uaRTymscqNtRnduiADkSqZoY4vdd68+SsixYHrYAfE';

export interface PasswordLimits {
  /** Hashes computed at once. They block threads that DNS and files need too; there are four unless told otherwise. */
  readonly concurrency?: number;
  /** Hashes that may wait; beyond, the caller is told to come back. */
  readonly maxWaiting?: number;
}

export interface Passwords {
  /** @returns argon2id in PHC form, `$argon2id$v=19$m=19456,t=2,p=1$…` */
  hash(password: string): Promise<string>;
  /** `undefined` for the hash of nobody: takes as long, and is always false, so that names can't be guessed by the time. */
  verify(storedHash: string | undefined, password: string): Promise<boolean>;
}

/**
 * Hashes and verifies passwords, a few at a time.
 *
 * @throws ProvostError `CLIENT_THROTTLED` from both where too many wait already
 */
export function createPasswords({ concurrency = 2, maxWaiting = 256 }: PasswordLimits = {}): Passwords {
  const inTurn = createTurnstile(concurrency, maxWaiting);
  return {
    hash: (password) => inTurn(() => hash(password, PARAMETERS)),
    verify: (storedHash, password) =>
      inTurn(async () => (await verify(storedHash ?? NOBODY, password)) && storedHash !== undefined),
  };
}

/** Lets so many run at once and so many wait, first come, first served. */
function createTurnstile(concurrency: number, maxWaiting: number) {
  const waiting: (() => void)[] = [];
  let running = 0;

  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= concurrency) {
      if (waiting.length >= maxWaiting) {
        throw new ProvostError('CLIENT_THROTTLED', 'Too many passwords are being checked; try again in a moment.', {
          retryAfterMs: 1000,
        });
      }
      await new Promise<void>((resolve) => waiting.push(resolve)); // the one that ends hands its place over
    } else {
      running += 1;
    }
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
