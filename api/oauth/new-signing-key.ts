import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair } from 'jose';
import type { SigningKey, SigningKeyStore } from '../../stores/signing-keys.ts';

export const SIGNING_ALGORITHM = 'ES256';

/**
 * Makes a key and adds it in its order.
 *
 * @returns undefined where another process added the key of this order first
 */
export async function addSigningKey(
  store: Pick<SigningKeyStore, 'add'>,
  { order, at, signsFrom }: { readonly order: number; readonly at: number; readonly signsFrom: number },
): Promise<SigningKey | undefined> {
  const { publicKey, privateKey } = await generateKeyPair(SIGNING_ALGORITHM, { extractable: true });
  const kid = randomUUID();
  const described = { kid, alg: SIGNING_ALGORITHM, use: 'sig' };
  const key: SigningKey = {
    kid,
    publicJwk: { ...(await exportJWK(publicKey)), ...described },
    privateJwk: { ...(await exportJWK(privateKey)), ...described },
    createdAt: new Date(at).toISOString(),
    signsFrom: new Date(signsFrom).toISOString(),
    order,
  };
  return (await store.add(key)) ? key : undefined;
}
