import { createLocalJWKSet, errors, importJWK, type JWTVerifyGetKey } from 'jose';
import type { SigningKey, SigningKeyStore } from '../../stores/signing-keys.ts';
import { addSigningKey, SIGNING_ALGORITHM } from './new-signing-key.ts';

/** How long a process may miss what another one, or a command, did to the keys, milliseconds. */
const REFRESH_MS = 10_000;
/** How soon a key that this process does not know is looked for again: tokens that are made up must cost nothing. */
const LOOK_AGAIN_MS = 1_000;

export type SigningKeys = ReturnType<typeof createSigningKeys>;

/** The issuer's own keys, shared through the database; made at first need. */
export function createSigningKeys(store: Pick<SigningKeyStore, 'list' | 'add'>, now: () => number) {
  let held: { readonly keys: readonly SigningKey[]; readonly at: number } | undefined;

  async function load(freshForMs = REFRESH_MS): Promise<readonly SigningKey[]> {
    if (held !== undefined && held.at + freshForMs > now()) return held.keys;
    let keys = await store.list();
    if (keys.length === 0) {
      await addSigningKey(store, { order: 1, at: now(), signsFrom: now() });
      keys = await store.list();
    }
    held = { keys, at: now() };
    return keys;
  }

  return {
    /** The key that signs now. */
    async current() {
      const keys = await load();
      const signing = signingKey(keys, now()) ?? keys.at(-1);
      if (signing === undefined) throw new Error('there is no signing key');
      return { kid: signing.kid, key: await importJWK({ ...signing.privateJwk }, SIGNING_ALGORITHM) };
    },

    /** Public halves, as `/oauth2/jwks` shows them (RFC 7517). */
    async publicKeys() {
      return { keys: (await load()).map(({ publicJwk }) => publicJwk) };
    },

    /** For jose: the key that a token names. */
    verificationKeys: (async (header, token) => {
      const find = async (freshForMs?: number) =>
        createLocalJWKSet({ keys: (await load(freshForMs)).map(({ publicJwk }) => ({ kty: 'EC', ...publicJwk })) })(
          header,
          token,
        );
      try {
        return await find();
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
        return find(LOOK_AGAIN_MS);
      }
    }) as JWTVerifyGetKey,
  };
}

/** @param newestFirst as the store lists them */
export const signingKey = (newestFirst: readonly SigningKey[], now: number): SigningKey | undefined =>
  newestFirst.find(({ signsFrom }) => Date.parse(signsFrom) <= now);
