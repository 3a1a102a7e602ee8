import { randomUUID } from 'node:crypto';
import { createLocalJWKSet, exportJWK, generateKeyPair, importJWK, type JWTVerifyGetKey } from 'jose';
import type { SigningKey, SigningKeyStore } from '../../stores/signing-keys.ts';

export const SIGNING_ALGORITHM = 'ES256';

/** How long a process may miss a key that another one has made, milliseconds. */
const REFRESH_MS = 60_000;

export type SigningKeys = ReturnType<typeof createSigningKeys>;

/** The issuer's own keys, shared through the database; made at first need. */
export function createSigningKeys(store: SigningKeyStore, now: () => number) {
  let held: { readonly keys: readonly SigningKey[]; readonly until: number } | undefined;

  async function load(): Promise<readonly SigningKey[]> {
    if (held !== undefined && held.until > now()) return held.keys;
    let keys = await store.list();
    if (keys.length === 0) {
      await store.add(await generate(new Date(now()).toISOString()), 1);
      keys = await store.list();
    }
    held = { keys, until: now() + REFRESH_MS };
    return keys;
  }

  return {
    /** The key that signs now. */
    async current() {
      const [newest] = await load();
      if (newest === undefined) throw new Error('there is no signing key');
      return { kid: newest.kid, key: await importJWK({ ...newest.privateJwk }, SIGNING_ALGORITHM) };
    },

    /** Public halves, as `/oauth2/jwks` shows them (RFC 7517). */
    async publicKeys() {
      return { keys: (await load()).map(({ publicJwk }) => publicJwk) };
    },

    /** For jose: the key that a token names. */
    verificationKeys: (async (header, token) => {
      const keys = await load();
      return createLocalJWKSet({ keys: keys.map(({ publicJwk }) => ({ kty: 'EC', ...publicJwk })) })(header, token);
    }) as JWTVerifyGetKey,

    /** Adds a key that signs from now on; the older ones go on verifying. */
    async rotate(): Promise<void> {
      const keys = await store.list();
      await store.add(await generate(new Date(now()).toISOString()), keys.length + 1);
      held = undefined;
    },
  };
}

async function generate(createdAt: string): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(SIGNING_ALGORITHM, { extractable: true });
  const kid = randomUUID();
  const described = { kid, alg: SIGNING_ALGORITHM, use: 'sig' };
  return {
    kid,
    publicJwk: { ...(await exportJWK(publicKey)), ...described },
    privateJwk: { ...(await exportJWK(privateKey)), ...described },
    createdAt,
  };
}
