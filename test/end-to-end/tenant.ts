import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { until } from '../until.ts';
import { ADMIN } from './environment.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Parsed where it is JSON. */
  readonly body: Record<string, unknown>;
}

export type Send = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
) => Promise<Answer>;

export const basicAuthorization = (username: string, password: string): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;

/** Sends requests to `base` with these headers on each. */
export const sender =
  (base: string, own: Readonly<Record<string, string>>): Send =>
  async (method, path, body, headers = {}) => {
    const response = await fetch(`${base}${path}`, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...own, ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '') && text !== '';
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson ? (JSON.parse(text) as Record<string, unknown>) : {},
    };
  };

export interface TargetWish {
  readonly baseUrl: string;
  readonly token: string;
  readonly [setting: string]: unknown;
}

export interface TenantWish {
  /** Where the installation has to know it before; else random. */
  readonly id?: string;
  readonly mode?: 'persist' | 'persist-and-provision' | 'provision-only';
  /** Each becomes a target; what it has besides `baseUrl` and `token` overrides the target's own settings. */
  readonly targets?: readonly TargetWish[];
  readonly conformance?: 'strict' | 'tolerant' | 'observed';
}

export type TestTenant = Awaited<ReturnType<typeof newTenant>>;

/** Retries that a test can wait for. */
export const QUICK_RETRY = { initialIntervalMs: 20, maximumIntervalMs: 200, giveUpAfterMs: 60_000 };

/** A tenant of the test's own, configured by HTTP as an administrator would. */
export async function newTenant(url: string, wish: TenantWish = {}) {
  const id = wish.id ?? `t-${randomUUID().slice(0, 12)}`;
  const platform = sender(`${url}/admin/v1`, {
    authorization: basicAuthorization(ADMIN.username, ADMIN.password),
  });
  const make = async (path: string, body: unknown): Promise<Record<string, unknown>> => {
    const answer = await platform('POST', path, body);
    assert.equal(answer.status, 201, `POST ${path}: ${answer.text}`);
    return answer.body;
  };
  await make('/tenants', { id, name: id });
  const base = `/tenants/${id}`;
  const targets: string[] = [];
  const identityProvider = String((await make(`${base}/identity-providers`, { name: 'Targets' }))['id']);
  for (const [index, { baseUrl, token, settings, ...own }] of (wish.targets ?? []).entries()) {
    const target = await make(`${base}/identity-providers/${identityProvider}/targets`, {
      name: `target-${index + 1}`,
      connector: 'scim2',
      resourceTypes: ['User', 'Group'],
      retry: QUICK_RETRY,
      settings: { baseUrl, authentication: { kind: 'bearer', token }, ...(settings as object | undefined) },
      ...own,
    });
    targets.push(String(target['id']));
  }
  const serviceProvider = String(
    (
      await make(`${base}/service-providers`, {
        name: 'Client',
        mode: wish.mode ?? 'persist-and-provision',
        outbound: [identityProvider],
        ...(wish.conformance === undefined ? {} : { conformance: wish.conformance }),
      })
    )['id'],
  );
  const credential = await make(`${base}/service-providers/${serviceProvider}/credentials`, {
    kind: 'basic',
    scopes: ['scim'],
    roles: ['admin', 'operator', 'auditor'],
  });
  const authorization = basicAuthorization(String(credential['id']), String(credential['secret']));
  return {
    id,
    identityProvider,
    serviceProvider,
    /** Ids in the order of the wish. */
    targets,
    authorization,
    credential: { id: String(credential['id']), secret: String(credential['secret']) },
    scim: sender(`${url}/scim/v2`, { authorization }),
    admin: sender(`${url}/admin/v1/tenants/${id}`, { authorization }),
    platform,
  };
}

/** Waits until the change behind an answer has settled. @returns the change as the administration API tells it */
export const settled = (
  tenant: Pick<TestTenant, 'admin'>,
  { headers }: Pick<Answer, 'headers'>,
): Promise<Record<string, unknown>> => inState(tenant, headers.get('provost-change') ?? '', 'settled');

/** Waits until a change stands so. @returns the change as the administration API tells it */
export const inState = (
  { admin }: Pick<TestTenant, 'admin'>,
  change: string,
  state: string,
): Promise<Record<string, unknown>> =>
  until(
    `change ${change} ${state}`,
    async () => (await admin('GET', `/changes/${change}`)).body,
    (body) => body['state'] === state,
  );

export const patchOf = (...operations: readonly object[]) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations: operations,
});

export const replacing = (path: string, value: unknown) => patchOf({ op: 'replace', path, value });
