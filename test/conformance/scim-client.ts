import assert from 'node:assert/strict';
import { type Answer, newTenant, type Send, type TenantWish, type TestTenant } from '../end-to-end/tenant.ts';

export const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
export const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
export const LIST = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';
export const ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error';
export const SEARCH = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest';

export type Json = Record<string, unknown>;

/** Sends as SCIM's media type, which is what conforming clients do. */
export const asScim =
  ({ scim }: Pick<TestTenant, 'scim'>): Send =>
  (method, path, body, headers = {}) =>
    scim(method, path, body, {
      accept: 'application/scim+json',
      ...(body === undefined ? {} : { 'content-type': 'application/scim+json' }),
      ...headers,
    });

/** A tenant of the test's own whose resources stay here, with shorthands for what tests do to it. */
export async function newService(url: string, wish: TenantWish = {}) {
  const tenant = await newTenant(url, { mode: 'persist', ...wish });
  const send = asScim(tenant);
  const created = async (path: string, body: Json): Promise<Json & { readonly id: string }> => {
    const answer = await send('POST', path, body);
    assert.equal(answer.status, 201, answer.text);
    return answer.body as Json & { readonly id: string };
  };
  return {
    ...tenant,
    send,
    user: (body: Json) => created('/Users', { schemas: [USER], ...body }),
    group: (body: Json) => created('/Groups', { schemas: [GROUP], ...body }),
    /** GET that must succeed. */
    async read(path: string): Promise<Json> {
      const answer = await send('GET', path);
      assert.equal(answer.status, 200, `${path} ${answer.text}`);
      return answer.body;
    },
    /** Ids that a filter finds. */
    async found(path: string, filter: string): Promise<string[]> {
      const answer = await send('GET', `${path}?filter=${encodeURIComponent(filter)}`);
      assert.equal(answer.status, 200, `${filter} ${answer.text}`);
      return (answer.body['Resources'] as { id: string }[]).map(({ id }) => id);
    },
    patch: (path: string, ...Operations: object[]) =>
      send('PATCH', path, { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations }),
  };
}

export type Service = Awaited<ReturnType<typeof newService>>;

/** An error as RFC 7644 §3.12 has it, with words for the person who reads it. */
export function assertError(answer: Answer, status: number, scimType?: string): void {
  assert.equal(answer.status, status, answer.text);
  assert.match(answer.headers.get('content-type') ?? '', /^application\/scim\+json/);
  assert.deepEqual(answer.body['schemas'], [ERROR], answer.text);
  assert.equal(answer.body['status'], String(status));
  assert.equal(answer.body['scimType'], scimType, answer.text);
  assert.ok(String(answer.body['detail'] ?? '').length > 0, answer.text);
}

export const membersOf = (body: Json): string[] =>
  ((body['members'] ?? []) as { value: string }[]).map(({ value }) => value).sort();
