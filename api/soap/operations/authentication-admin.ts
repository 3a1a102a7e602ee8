import { isProvostError, ProvostError } from '../../../domain/errors.ts';
import { asTenantId } from '../../../domain/ids.ts';
import type { Principal } from '../../identify/principal.ts';
import type { OpenCall, OpenOperation } from '../contract/operation.ts';
import { text } from '../contract/schema-types.ts';
import { REMEMBER_ME_DATA } from '../contract/wso2-types.ts';
import { clearSessionToken, sendSessionToken, sessionTokenOf } from '../sessions/cookie.ts';

const CREDENTIALS = [text('username'), text('password'), text('remoteAddress')];

/** @returns undefined for a wrong name or password, and for whoever belongs to another tenant than the path names */
async function signIn({ request, given, dependencies }: OpenCall): Promise<Principal | undefined> {
  const [username, password] = [given.plain('username').trim(), given.plain('password')];
  if (username === '' || password === '') return undefined;
  const attempt = { method: 'soap', address: request.ip, name: username } as const;
  try {
    const principal = await dependencies.signIns.attempt(attempt, (origin) =>
      dependencies.identify({ id: username, secret: password }, origin),
    );
    const tenant = request.params['tenant'];
    return typeof tenant === 'string' && asTenantId(tenant) !== principal.tenant ? undefined : principal;
  } catch (error) {
    if (isProvostError(error, 'UNAUTHENTICATED') || isProvostError(error, 'FORBIDDEN')) return undefined;
    throw error;
  }
}

async function endSession({ request, dependencies }: OpenCall): Promise<void> {
  const token = sessionTokenOf(request);
  if (token === undefined) return;
  const holder = await dependencies.sessions.holderOf(token);
  if (holder !== undefined) {
    await dependencies.administration.recordSession(holder, 'signed-out');
    await dependencies.sessions.end(holder, token);
  }
}

/** Begins a session for whoever proves who they are. Each sign-in has a token of its own; an older one ends. */
async function login(call: OpenCall): Promise<boolean> {
  const { response, dependencies } = call;
  const principal = await signIn(call);
  if (principal === undefined) return false;
  const token = await dependencies.sessions.begin(principal);
  if (token === undefined) return false;
  // Nobody has a session that is not in the trail.
  await dependencies.administration.recordSession(principal, 'signed-in');
  await endSession(call);
  sendSessionToken(response, token, dependencies.publicUrl);
  return true;
}

/** Signing in and out, for clients that go on with a cookie. Anybody may call; what counts is the password. */
export const AUTHENTICATION_OPERATIONS: readonly OpenOperation[] = [
  { name: 'login', parameters: CREDENTIALS, returns: { type: 'boolean' }, runOpen: login },
  {
    name: 'logout',
    parameters: [],
    async runOpen(call) {
      await endSession(call);
      clearSessionToken(call.response, call.dependencies.publicUrl);
      return undefined;
    },
  },
  {
    name: 'loginWithRememberMeOption',
    parameters: CREDENTIALS,
    returns: { type: REMEMBER_ME_DATA },
    async runOpen() {
      throw new ProvostError('NOT_IMPLEMENTED', 'Nobody is remembered beyond a session; call login.');
    },
  },
  {
    name: 'loginWithRememberMeCookie',
    parameters: [text('cookie')],
    returns: { type: 'boolean' },
    // No such cookie was ever given out.
    runOpen: async () => false,
  },
  { name: 'isDisabled', parameters: [], returns: { type: 'boolean' }, runOpen: async () => false },
  { name: 'getPriority', parameters: [], returns: { type: 'int' }, runOpen: async () => 5 },
  {
    name: 'getAuthenticatorName',
    parameters: [],
    returns: { type: 'string' },
    runOpen: async () => 'DefaultCarbonAuthenticator',
  },
];
