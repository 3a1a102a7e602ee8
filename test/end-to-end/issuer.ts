import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';

export interface Issuer {
  readonly issuer: string;
  readonly jwksUri: string;
  readonly publicKey: CryptoKey;
  /** A token as this issuer signs it; what is given overrides its claims and header. */
  token(
    claims: Readonly<Record<string, unknown>>,
    header?: Readonly<Record<string, string | undefined>>,
  ): Promise<string>;
  stop(): Promise<void>;
}

/** An authorization server reduced to its keys: a JWKS over HTTP, and what signs with them. */
export async function startIssuer(audience: string): Promise<Issuer> {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: 'key-1', alg: 'RS256', use: 'sig' };
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [jwk] }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    issuer,
    jwksUri: `${issuer}/jwks`,
    publicKey,
    token(claims, header = {}) {
      const now = Math.floor(Date.now() / 1000);
      return new SignJWT({ iss: issuer, aud: audience, iat: now, exp: now + 300, ...claims })
        .setProtectedHeader(JSON.parse(JSON.stringify({ alg: 'RS256', kid: 'key-1', typ: 'at+jwt', ...header })))
        .sign(privateKey);
    },
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
