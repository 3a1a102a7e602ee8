import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import express from 'express';
import { authenticate } from '../../../api/identify/authenticate.ts';
import { unauthenticated } from '../../../api/identify/basic.ts';
import type { Principal } from '../../../api/identify/principal.ts';
import { createScim1Routes } from '../../../api/scim1/scim1-routes.ts';
import type { Scim2Dependencies } from '../../../api/scim2/context.ts';
import { createScim2Routes } from '../../../api/scim2/scim2-routes.ts';
import { asServiceProviderId, asTenantId } from '../../../domain/ids.ts';
import { type Policy, PRIMARY_STORE } from '../../../domain/policy.ts';
import type { TenantSchemas } from '../../../domain/scim/schema/tenant-types.ts';
import { createSealer } from '../../../platform/seal.ts';
import { randomKeyRing } from '../../platform/keys.ts';
import { openFreshStore } from '../../stores/fresh-store.ts';
import { noSignInLimits } from '../identify/no-sign-in-limits.ts';

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: ScimBody;
}

/** What a test looks at in a SCIM answer. */
export interface ScimBody extends Record<string, unknown> {
  readonly schemas: readonly string[];
  readonly totalResults: number;
  readonly itemsPerPage: number;
  readonly Resources: readonly Record<string, unknown>[];
  readonly nextCursor?: string;
  readonly previousCursor?: string;
  readonly detail: string;
  readonly scimType?: string;
}

export interface ReadOptions {
  readonly scopes?: readonly string[];
  readonly conformance?: 'strict' | 'tolerant';
  /** Schemas and resource types of the tenant's own. */
  readonly schemas?: TenantSchemas;
  /** Default true. */
  readonly cursors?: boolean;
  readonly dependencies?: Partial<Scim2Dependencies>;
}

export type ReadApi = Awaited<ReturnType<typeof startReads>>;

/** SCIM 2.0 as an application mounts it, over a database of its own. Who calls is given; nothing is ever changed through it. */
export async function startReads(context: TestContext, options: ReadOptions = {}) {
  const store = await openFreshStore(context);
  const unexpected: unknown[] = [];
  const clock = { now: Date.now() };
  const principal = (tenant: string, credential: string): Principal => ({
    tenant: asTenantId(tenant),
    credential,
    serviceProvider: asServiceProviderId('resident'),
    scopes: options.scopes ?? ['scim'],
    roles: [],
    method: 'bearer',
  });
  const callers: Readonly<Record<string, Principal>> = {
    usual: principal('acme', 'c-1'),
    foreign: principal('other', 'c-2'),
  };
  const dependencies: Scim2Dependencies = {
    submit: async () => assert.fail('a read has submitted a change'),
    resources: store.resources,
    policies: { current: async () => policyWith(options.conformance ?? 'tolerant', options.schemas) },
    hashPassword: async () => assert.fail('a read has hashed a password'),
    fingerprint: String,
    deriveId: (parts) => parts.join('-'),
    observeDeviations: () => undefined,
    publicUrl: 'https://scim.example.test',
    now: () => new Date(clock.now),
    ...(options.cursors === false ? {} : { sealer: createSealer(randomKeyRing('test')) }),
    ...options.dependencies,
  };

  const app = express();
  app.set('etag', false);
  app.set('query parser', 'simple');
  app.set('report unexpected', (error: unknown) => unexpected.push(error));
  const behindAuthentication = [
    authenticate({
      findCredential: Object.assign(async () => undefined, { forget: () => undefined }),
      verifySecret: async () => false,
      signIns: noSignInLimits,
      identifyBearer: async (token) => {
        const caller = callers[token];
        if (caller === undefined) throw unauthenticated();
        return caller;
      },
    }),
  ];
  const limits = { bodyBytes: 1_000_000, bulkBytes: 1_000_000 };
  app.use('/scim/v2', createScim2Routes(dependencies, limits, behindAuthentication));
  app.use('/scim/v1', createScim1Routes(dependencies, limits, behindAuthentication));
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/scim/v2`;
  context.after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    assert.deepEqual(unexpected, [], 'nothing failed that nobody expected');
  });

  async function send(method: string, path: string, given: SendOptions = {}): Promise<Reply> {
    const { as = 'usual', body, headers = {} } = given;
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...(as === 'nobody' ? {} : { authorization: `Bearer ${as}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/scim+json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: (text === '' ? {} : JSON.parse(text)) as ScimBody,
    };
  }

  const get = (path: string, given: SendOptions = {}): Promise<Reply> => send('GET', path, given);

  return {
    ...store,
    url,
    /** Milliseconds; a test may move it. */
    clock,
    send,
    get,

    /** GET of a list that must succeed. */
    async list(path: string, parameters: Readonly<Record<string, string>> = {}): Promise<ScimBody> {
      const reply = await get(`${path}?${new URLSearchParams(parameters)}`);
      assert.equal(reply.status, 200, reply.text);
      return reply.body;
    },
  };
}

export interface SendOptions {
  readonly as?: 'usual' | 'foreign' | 'nobody';
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export const policyWith = (conformance: 'strict' | 'tolerant', schemas: TenantSchemas = {}): Policy => ({
  ...schemas,
  tenant: asTenantId('acme'),
  version: 1,
  serviceProviders: [
    {
      id: asServiceProviderId('resident'),
      name: 'Resident',
      resident: true,
      mode: 'persist',
      userStore: PRIMARY_STORE,
      conformance,
    },
  ],
  identityProviders: [],
});

/** What a list names its resources by. */
export const namesIn = ({ Resources }: ScimBody): unknown[] =>
  Resources.map((resource) => resource['userName'] ?? resource['displayName']);
