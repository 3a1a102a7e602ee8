import { type BasicDependencies, unauthenticated } from './basic.ts';
import { type Principal, principalFor } from './principal.ts';

/** Access tokens as JWTs begin with a JSON object in base64url, and have three parts. */
const JWT = /^eyJ[\w-]*\.[\w-]*\.[\w-]*$/;

export const isOpaqueToken = (token: string): boolean => token.includes('.') && !JWT.test(token);

/** A bearer token has no `@` (RFC 6750 §2.1), and no credential's id has a `~`. */
export const toBearerToken = (id: string, secret: string): string => `${id.replace('@', '~')}.${secret}`;

/** @throws ProvostError `UNAUTHENTICATED` */
export function readOpaqueToken(token: string): { readonly id: string; readonly secret: string } {
  const dot = token.lastIndexOf('.');
  if (dot < 1) throw unauthenticated();
  return { id: token.slice(0, dot).replace('~', '@'), secret: token.slice(dot + 1) };
}

/**
 * A bearer token that is no JWT: `<credential id>.<secret>`, good until it is deleted. What clients take whose form has
 * one field for a secret (peers.md 3.3 no. 29).
 *
 * @throws ProvostError `UNAUTHENTICATED`
 */
export async function identifyOpaqueToken(
  { id, secret }: { readonly id: string; readonly secret: string },
  { findCredential, verifySecret }: Pick<BasicDependencies, 'findCredential' | 'verifySecret'>,
): Promise<Principal> {
  const credential = await findCredential(id);
  const usable = credential?.kind === 'token' ? credential : undefined;
  const matches = await verifySecret({ id, secret, storedHash: usable?.secretHash });
  if (usable === undefined || !matches) throw unauthenticated();
  return principalFor(usable, 'bearer');
}
