import { CannotStartError } from '../services/progress.ts';

export interface DemoInput {
  /** Base of the API. */
  readonly api: string;
  readonly admin: { readonly username: string; readonly password: string };
  /** Secrets that an earlier start was given, by the id of their credential: they are shown once. */
  readonly known: Readonly<Record<string, string | undefined>>;
  /** Base of the sandbox's SCIM endpoints, with its token. */
  readonly sandbox: { readonly url: string; readonly token: string };
}

export interface Demo {
  readonly basic: { readonly username: string; readonly password: string };
  readonly oauth: { readonly tokenEndpoint: string; readonly clientId: string; readonly clientSecret: string };
  /** Whether a credential was made just now. */
  readonly isNew: boolean;
}

const TENANT = 'demo';
const USERNAME = 'demo';
const CLIENT_ID = 'demo-client';

/**
 * Configures the demo tenant by the administration API, as anybody would: a target, a service provider that provisions
 * to it, and its two credentials. What is there already stays; the sandbox's address follows its port.
 */
export async function seedDemo(input: DemoInput): Promise<Demo> {
  const call = caller(input);
  const tenant = `/tenants/${TENANT}`;
  await call('POST', '/tenants', { id: TENANT, name: 'Demo' });

  const identityProvider = await ensure(call, `${tenant}/identity-providers`, { name: 'Sandbox' });
  await ensureTarget(call, `${tenant}/identity-providers/${identityProvider}/targets`, input.sandbox);
  const serviceProvider = await ensure(call, `${tenant}/service-providers`, {
    name: 'Demo client',
    mode: 'persist-and-provision',
    outbound: [identityProvider],
  });

  const credentials = `${tenant}/service-providers/${serviceProvider}/credentials`;
  const basic = await ensureCredential(call, credentials, 'basic', USERNAME, input.known);
  const client = await ensureCredential(call, credentials, 'client', CLIENT_ID, input.known);
  return {
    basic: { username: basic.id, password: basic.secret },
    oauth: { tokenEndpoint: `${input.api}/oauth2/token`, clientId: client.id, clientSecret: client.secret },
    isNew: basic.isNew || client.isNew,
  };
}

type Json = Readonly<Record<string, unknown>>;
type Call = (method: string, path: string, body?: unknown) => Promise<Json>;

/** A call of the administration API. That something exists already is no failure here. */
const caller = ({ api, admin }: DemoInput): Call => {
  const authorization = `Basic ${Buffer.from(`${admin.username}:${admin.password}`).toString('base64')}`;
  return async (method, path, body) => {
    const response = await fetch(`${api}/admin/v1${path}`, {
      method,
      headers: { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok && response.status !== 409)
      throw new CannotStartError(`The demo could not be set up: ${method} ${path} answered ${response.status} ${text}`);
    return text === '' ? {} : (JSON.parse(text) as Json);
  };
};

const listed = async (call: Call, path: string): Promise<readonly Json[]> =>
  ((await call('GET', path))['items'] ?? []) as readonly Json[];

/** @returns the id of what has this name, made where there is none */
async function ensure(call: Call, path: string, wanted: Json): Promise<string> {
  const found = (await listed(call, path)).find(({ name }) => name === wanted['name']);
  return String(found?.['id'] ?? (await call('POST', path, wanted))['id']);
}

async function ensureTarget(call: Call, path: string, sandbox: DemoInput['sandbox']): Promise<void> {
  const settings = { baseUrl: sandbox.url, authentication: { kind: 'bearer', token: sandbox.token } };
  const resourceTypes = ['User', 'Group'];
  const wanted = { name: 'Sandbox', connector: 'scim2', resourceTypes, deprovision: 'delete', settings };
  const id = await ensure(call, path, wanted);
  const { id: _id, ...held } = await call('GET', `${path}/${id}`);
  if ((held['settings'] as Json)['baseUrl'] !== sandbox.url) await call('PUT', `${path}/${id}`, { ...held, settings });
}

/** Its secret is a new one where it was not there, or where nobody remembers it. */
async function ensureCredential(
  call: Call,
  path: string,
  kind: 'basic' | 'client',
  name: string,
  known: DemoInput['known'],
): Promise<{ readonly id: string; readonly secret: string; readonly isNew: boolean }> {
  // Demos of older releases have names without the tenant.
  const ids = (await listed(call, path)).map((credential) => String(credential['id']));
  const id = ids.find((each) => each === name || each === `${name}@${TENANT}`);
  const secret = id === undefined ? undefined : known[id];
  if (id !== undefined && secret !== undefined) return { id, secret, isNew: false };
  const scopes = ['scim', 'admin', 'operate', 'audit'];
  const roles = ['admin', 'operator', 'auditor'];
  const made =
    id === undefined
      ? await call('POST', path, { kind, id: name, scopes, roles })
      : await call('POST', `${path}/${encodeURIComponent(id)}/rotate`);
  return { id: String(made['id']), secret: String(made['secret']), isNew: true };
}
