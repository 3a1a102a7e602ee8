import { randomUUID } from 'node:crypto';
import express, { type NextFunction, type Request, type Response, Router } from 'express';
import { SignJWT } from 'jose';
import { isProvostError } from '../../domain/errors.ts';
import type { Credential } from '../../stores/credentials.ts';
import { setFailureHeaders } from '../failure-answer.ts';
import type { BasicDependencies } from '../identify/basic.ts';
import type { SignInLimits } from '../identify/sign-in-limits.ts';
import { SIGNING_ALGORITHM } from './new-signing-key.ts';
import { OAuthError } from './oauth-error.ts';
import type { SigningKeys } from './signing-keys.ts';

export interface TokenDependencies extends BasicDependencies {
  readonly keys: SigningKeys;
  readonly issuer: string;
  /** Who the tokens are for: this API. */
  readonly audience: string;
  readonly tokenLifetimeSeconds: number;
  now(): number;
  readonly signIns: Pick<SignInLimits, 'attempt'>;
}

/** `/oauth2/token` with the client credentials grant (RFC 6749 §4.4), its keys, and its metadata (RFC 8414). */
export function createTokenRoutes(dependencies: TokenDependencies): Router {
  const { keys, issuer } = dependencies;
  const routes = Router();

  routes.post('/oauth2/token', express.urlencoded({ extended: false, limit: '16kb' }), async (request, response) => {
    const form = formOf(request);
    if (form.get('grant_type') !== 'client_credentials') {
      throw new OAuthError('unsupported_grant_type', 'Only grant_type=client_credentials is served.');
    }
    const client = await authenticateClient(request, form, dependencies);
    const scopes = grantedScopes(form.get('scope'), client);
    const token = await sign(client, scopes, dependencies);
    // RFC 6749 §5.1: no cache may keep a token.
    response.set({ 'Cache-Control': 'no-store', Pragma: 'no-cache' }).json({
      access_token: token,
      token_type: 'Bearer',
      expires_in: dependencies.tokenLifetimeSeconds,
      scope: scopes.join(' '),
    });
  });

  routes.get('/oauth2/jwks', async (_request, response) => {
    response.set('Cache-Control', 'public, max-age=300').json(await keys.publicKeys());
  });

  routes.get('/.well-known/oauth-authorization-server', (_request, response) => {
    response.json({
      issuer,
      token_endpoint: `${issuer}/oauth2/token`,
      jwks_uri: `${issuer}/oauth2/jwks`,
      grant_types_supported: ['client_credentials'],
      response_types_supported: [],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
      scopes_supported: ['scim', 'scim:read', 'scim:write', 'admin', 'operate', 'audit'],
    });
  });

  routes.use('/oauth2', renderOAuthError);
  return routes;
}

async function authenticateClient(
  request: Request,
  form: Map<string, string>,
  dependencies: TokenDependencies,
): Promise<Credential> {
  const { id, secret } = clientSecretOf(request, form);
  return dependencies.signIns.attempt({ method: 'client', address: request.ip, name: id }, async (origin) => {
    const credential = id === '' ? undefined : await dependencies.findCredential(id);
    const client = credential?.kind === 'client' ? credential : undefined;
    const matches = await dependencies.verifySecret({ id, secret, storedHash: client?.secretHash, origin });
    if (client === undefined || !matches)
      throw new OAuthError('invalid_client', 'The client is unknown or its secret is wrong.');
    return client;
  });
}

/** By HTTP Basic, where id and secret are form-encoded first (RFC 6749 §2.3.1), or in the body. */
function clientSecretOf(request: Request, form: Map<string, string>): { id: string; secret: string } {
  const [scheme, value] = (request.headers.authorization ?? '').split(' ', 2);
  if (scheme?.toLowerCase() !== 'basic' || value === undefined) {
    return { id: form.get('client_id') ?? '', secret: form.get('client_secret') ?? '' };
  }
  const [id = '', ...rest] = Buffer.from(value, 'base64').toString('utf8').split(':');
  return { id: formDecoded(id), secret: formDecoded(rest.join(':')) };
}

function formDecoded(value: string): string {
  try {
    return decodeURIComponent(value.replaceAll('+', ' '));
  } catch {
    return value;
  }
}

function grantedScopes(asked: string | undefined, client: Credential): readonly string[] {
  if (asked === undefined || asked.trim() === '') return client.scopes;
  const wanted = asked.split(' ').filter((scope) => scope !== '');
  const refused = wanted.find((scope) => !client.scopes.includes(scope));
  if (refused !== undefined)
    throw new OAuthError('invalid_scope', 'The client does not have one of the scopes it asks for.');
  return wanted;
}

async function sign(
  client: Credential,
  scopes: readonly string[],
  { keys, issuer, audience, tokenLifetimeSeconds, now }: TokenDependencies,
): Promise<string> {
  const { kid, key } = await keys.current();
  const issuedAt = Math.floor(now() / 1000);
  return new SignJWT({ client_id: client.id, scope: scopes.join(' '), tenant: client.tenant, binding: client.binding })
    .setProtectedHeader({ alg: SIGNING_ALGORITHM, kid, typ: 'at+jwt' })
    .setIssuer(issuer)
    .setSubject(client.id)
    .setAudience(audience)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + tokenLifetimeSeconds)
    .setJti(randomUUID())
    .sign(key);
}

/** Repeated parameters are an error (RFC 6749 §3.2). */
function formOf(request: Request): Map<string, string> {
  const form = new Map<string, string>();
  for (const [name, value] of Object.entries((request.body ?? {}) as Record<string, unknown>)) {
    if (typeof value !== 'string') throw new OAuthError('invalid_request', `The parameter ${name} must be given once.`);
    form.set(name, value);
  }
  return form;
}

function renderOAuthError(error: unknown, _request: Request, response: Response, next: NextFunction): void {
  if (error instanceof OAuthError) {
    if (error.status === 401) response.set('WWW-Authenticate', 'Basic realm="provost"');
    response
      .status(error.status)
      .set('Cache-Control', 'no-store')
      .json({ error: error.code, error_description: error.message });
    return;
  }
  if (isProvostError(error, 'CLIENT_THROTTLED')) {
    setFailureHeaders(response, error);
    response
      .status(error.traits.status)
      .set('Cache-Control', 'no-store')
      .json({ error: 'temporarily_unavailable', error_description: error.message });
    return;
  }
  if (isClientFault(error)) {
    response
      .status(400)
      .json({ error: 'invalid_request', error_description: 'The body must be application/x-www-form-urlencoded.' });
    return;
  }
  next(error);
}

const isClientFault = (error: unknown): boolean =>
  error instanceof Error && 'status' in error && typeof error.status === 'number' && error.status < 500;
