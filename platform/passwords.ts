import { hash, verify } from '@node-rs/argon2';
import { ProvostError } from '../domain/errors.ts';

/** OWASP's second choice for argon2id (Password Storage Cheat Sheet): 19 MiB, two passes, one lane. Some 20 ms. */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** Hash of 32 random bytes that nobody kept, made with the parameters above. */
const NOBODY = '$argon2id$v=19$m=19456,t=2,p=1$Jgo82SV50YUZE+g9VLuz0w$1uaRTymscqNtRnduiADkSqZoY4vdd68+SsixYHrYAfE';

export interface PasswordLimits {
  /** Hashes computed at once. They block threads that DNS and files need too; there are four unless told otherwise. */
  readonly concurrency?: number;
  /** Checks that may wait in each of the two queues; beyond, the caller is refused. */
  readonly maxWaiting?: number;
  /** Checks of one address that may wait in the queue of callers that are not known. */
  readonly maxWaitingOfAddress?: number;
}

/** Where a secret comes from, and what is known of it before it is checked. */
export interface PasswordOrigin {
  /** IP address or network of the caller. */
  readonly address: string;
  /** The same name has proved itself from this address lately. */
  readonly known: boolean;
  /** Asked again when its turn comes: others may have failed meanwhile. @throws ProvostError `CLIENT_THROTTLED` */
  requireOpen(): void;
}

export interface Passwords {
  /** @returns argon2id in PHC form, `$argon2id$v=19$m=19456,t=2,p=1$…` */
  hash(password: string): Promise<string>;
  /**
   * `undefined` for the hash of nobody: takes as long, and is always false, so that names can't be guessed by the time.
   *
   * @param origin absent: the caller has authenticated already
   */
  verify(storedHash: string | undefined, password: string, origin?: PasswordOrigin): Promise<boolean>;
}

/**
 * Hashes and verifies passwords, a few at a time. Callers that are known go first, and have a queue of their own that a flood
 * of others does not fill; of those, each address has its share.
 *
 * @throws ProvostError `CLIENT_THROTTLED` from both where too many wait already
 */
export function createPasswords(limits: PasswordLimits = {}): Passwords {
  const inTurn = createTurnstile({ concurrency: 2, maxWaiting: 256, maxWaitingOfAddress: 16, ...limits });
  return {
    hash: (password) => inTurn(undefined, () => hash(password, PARAMETERS)),
    verify: (storedHash, password, origin) =>
      inTurn(origin, async () => {
        origin?.requireOpen();
        return (await verify(storedHash ?? NOBODY, password)) && storedHash !== undefined;
      }),
  };
}

interface Waiting {
  readonly address: string | undefined;
  start(): void;
}

/** Lets so many run at once and so many wait: known callers before others, and first come, first served among each. */
function createTurnstile({ concurrency, maxWaiting, maxWaitingOfAddress }: Required<PasswordLimits>) {
  const known: Waiting[] = [];
  const others: Waiting[] = [];
  let running = 0;

  function requireRoom(queue: readonly Waiting[], address: string | undefined): void {
    const ofAddress = address === undefined ? 0 : queue.filter((waiting) => waiting.address === address).length;
    if (queue.length < maxWaiting && ofAddress < maxWaitingOfAddress) return;
    throw new ProvostError('CLIENT_THROTTLED', 'Too many passwords are being checked. Try again in a moment.', {
      retryAfterMs: 1000,
    });
  }

  return async <T>(origin: PasswordOrigin | undefined, work: () => Promise<T>): Promise<T> => {
    if (running >= concurrency) {
      const isKnown = origin === undefined || origin.known;
      const queue = isKnown ? known : others;
      const address = isKnown ? undefined : origin.address;
      requireRoom(queue, address);
      await new Promise<void>((start) => queue.push({ address, start })); // the one that ends hands its place over
    } else {
      running += 1;
    }
    try {
      return await work();
    } finally {
      const next = known.shift() ?? others.shift();
      if (next === undefined) running -= 1;
      else next.start();
    }
  };
}
