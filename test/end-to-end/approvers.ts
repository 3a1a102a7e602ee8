import assert from 'node:assert/strict';
import { until } from '../until.ts';
import { type Answer, basicAuthorization, type Send, sender, type TestTenant } from './tenant.ts';

export interface Person {
  readonly id: string;
  /** The administration API, as he calls it. */
  readonly admin: Send;
}

export const asked = ({ headers }: Answer): string => headers.get('provost-change') ?? '';
export const itemsOf = ({ body }: Answer) => body['items'] as Record<string, unknown>[];

const offices = new WeakMap<TestTenant, Promise<Send>>();

/**
 * SCIM of a second client of the tenant, by a service provider of its own: whoever asks for changes has no say in who
 * the people are that approve them.
 */
export function peopleOffice(url: string, tenant: TestTenant): Promise<Send> {
  const known = offices.get(tenant) ?? openOffice(url, tenant);
  offices.set(tenant, known);
  return known;
}

async function openOffice(url: string, tenant: TestTenant): Promise<Send> {
  const base = `/tenants/${tenant.id}/service-providers`;
  const settings = { name: 'People', mode: 'persist-and-provision', outbound: [tenant.identityProvider] };
  const provider = await tenant.platform('POST', base, settings);
  assert.equal(provider.status, 201, provider.text);
  const path = `${base}/${String(provider.body['id'])}/credentials`;
  const credential = await tenant.platform('POST', path, { kind: 'basic', scopes: ['scim'], roles: [] });
  assert.equal(credential.status, 201, credential.text);
  const authorization = basicAuthorization(String(credential.body['id']), String(credential.body['secret']));
  const scim = sender(`${url}/scim/v2`, { authorization });
  // Every process may go on with what it read of the configuration for a moment.
  await until(
    'the new service provider known',
    () => scim('GET', '/Users?count=0'),
    ({ status }) => status === 200,
  );
  return scim;
}

/** The tenant's administration as an operator calls it who has asked for nothing. */
export async function operatorOf(url: string, tenant: TestTenant): Promise<Send> {
  const path = `/service-providers/${tenant.serviceProvider}/credentials`;
  const { status, body, text } = await tenant.admin('POST', path, { kind: 'basic', scopes: [], roles: ['operator'] });
  assert.equal(status, 201, text);
  const authorization = basicAuthorization(String(body['id']), String(body['secret']));
  return sender(`${url}/admin/v1/tenants/${tenant.id}`, { authorization });
}

/** A user who can sign in. */
export async function newPerson(url: string, tenant: TestTenant, userName: string): Promise<Person> {
  const password = `secret of ${userName}`;
  const people = await peopleOffice(url, tenant);
  const created = await people('POST', '/Users', { userName, password });
  assert.equal(created.status, 201, created.text);
  const authorization = basicAuthorization(`${userName}@${tenant.id}`, password);
  return { id: String(created.body['id']), admin: sender(`${url}/admin/v1`, { authorization }) };
}

/** Puts rules in force, the probing one of {@link PROBED} among them. */
export async function ask(tenant: TestTenant, ...items: readonly object[]): Promise<void> {
  const answer = await tenant.admin('PUT', '/approval-rules', { items });
  assert.equal(answer.status, 200, answer.text);
  // Every process may go on with what it read of the configuration for a moment.
  await until(
    'the rules in force',
    () => tenant.scim('POST', '/Users', { userName: `probe-${Math.random()}`, title: 'probe' }),
    ({ status }) => status === 202,
  );
}

export const PROBED = { name: 'probes', attributes: ['title'], operations: ['create'] };
export const approvers = (...people: readonly Person[]) => people.map(({ id }) => ({ kind: 'user', id }));
export const decide = (
  by: Person,
  approval: string,
  verdict: 'approve' | 'refuse',
  comment?: string,
): Promise<Answer> =>
  by.admin('POST', `/approvals/${approval}/decision`, { verdict, ...(comment === undefined ? {} : { comment }) });

/** Rules about the title, and one that probes whether they are in force. */
export const titles = (stages: readonly object[]) => [
  { name: 'titles', attributes: ['title'], operations: ['patch', 'replace'], stages },
  { ...PROBED, stages },
];
