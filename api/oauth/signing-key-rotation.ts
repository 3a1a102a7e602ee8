import { ProvostError } from '../../domain/errors.ts';
import type { SigningKey, SigningKeyStore } from '../../stores/signing-keys.ts';
import { addSigningKey } from './new-signing-key.ts';
import { signingKey } from './signing-keys.ts';

/** Twice as long as `/oauth2/jwks` may be cached: whoever verifies has a new key before it signs. */
const PUBLISHED_BEFORE_MS = 600_000;
/** For tokens that were signed at the last moment, by clocks that differ. */
const MARGIN_MS = 300_000;

export interface RotationSettings {
  /** Age at which the newest key gets a successor; 0 leaves that to the command. */
  readonly rotateAfterMs: number;
  readonly tokenLifetimeMs: number;
}

export interface DescribedKey {
  readonly kid: string;
  readonly createdAt: string;
  readonly signsFrom: string;
  readonly state: 'next' | 'signs' | 'verifies';
}

export interface Maintained {
  readonly added: readonly string[];
  readonly dropped: readonly string[];
}

export type SigningKeyRotation = ReturnType<typeof createSigningKeyRotation>;

/** Writes into the audit trail what is done to a key. */
export type RecordKey = (event: 'signing-key-rotated' | 'signing-key-dropped', kid: string) => Promise<void>;

/** Changes the issuer's keys. Several processes may do so at once: one adds the next key, the others find it. */
export function createSigningKeyRotation(store: SigningKeyStore, record: RecordKey, now: () => number) {
  async function addNext(keys: readonly SigningKey[], signsFrom: number): Promise<string | undefined> {
    const order = (keys[0]?.order ?? 0) + 1;
    const added = await addSigningKey(store, { order, at: now(), signsFrom });
    if (added !== undefined) await record('signing-key-rotated', added.kid);
    return added?.kid;
  }

  async function remove(kid: string): Promise<boolean> {
    await record('signing-key-dropped', kid);
    return store.remove(kid);
  }

  return {
    async list(): Promise<readonly DescribedKey[]> {
      const keys = await store.list();
      const signing = signingKey(keys, now());
      const stateOf = (key: SigningKey): DescribedKey['state'] =>
        key === signing ? 'signs' : key.order > (signing?.order ?? 0) ? 'next' : 'verifies';
      return keys.map((key) => ({
        kid: key.kid,
        createdAt: key.createdAt,
        signsFrom: key.signsFrom,
        state: stateOf(key),
      }));
    },

    /**
     * Adds a key. It signs in ten minutes, or at once.
     *
     * @returns its id
     * @throws ProvostError `CONCURRENT_WRITE` where another process added one at the same moment
     */
    async rotate(signs: 'soon' | 'at once'): Promise<string> {
      const kid = await addNext(await store.list(), now() + (signs === 'soon' ? PUBLISHED_BEFORE_MS : 0));
      if (kid !== undefined) return kid;
      throw new ProvostError('CONCURRENT_WRITE', 'Another process added a signing key at the same time; list them.');
    },

    /**
     * Removes a key: what it signed is refused from then on. Where it was the one that signs, another signs at once.
     *
     * @returns the ids of keys that were added
     * @throws ProvostError `NOT_FOUND`
     */
    async drop(kid: string): Promise<readonly string[]> {
      const keys = await store.list();
      if (!keys.some((key) => key.kid === kid))
        throw new ProvostError('NOT_FOUND', 'There is no signing key with this id.');
      const isSigning = signingKey(keys, now())?.kid === kid;
      const added = isSigning ? await addNext(keys, now()) : undefined;
      await remove(kid);
      return added === undefined ? [] : [added];
    },

    /** What the schedule asks for now: a successor of a key that is old, and no more of keys whose tokens have all expired. */
    async maintain({ rotateAfterMs, tokenLifetimeMs }: RotationSettings): Promise<Maintained> {
      const keys = await store.list();
      const [newest] = keys;
      const isDue = newest !== undefined && rotateAfterMs > 0 && Date.parse(newest.signsFrom) + rotateAfterMs <= now();
      const added = isDue ? await addNext(keys, now() + PUBLISHED_BEFORE_MS) : undefined;
      const dropped: string[] = [];
      for (const [index, { kid }] of keys.entries()) {
        const successor = keys[index - 1];
        const isOver =
          successor !== undefined && Date.parse(successor.signsFrom) + tokenLifetimeMs + MARGIN_MS <= now();
        if (isOver && (await remove(kid))) dropped.push(kid);
      }
      return { added: added === undefined ? [] : [added], dropped };
    },
  };
}
