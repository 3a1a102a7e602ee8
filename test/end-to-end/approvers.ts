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

/** A user who can sign in. */
export async function newPerson(url: string, tenant: TestTenant, userName: string): Promise<Person> {
  const password = `secret of ${userName}`;
  const created = await tenant.scim('POST', '/Users', { userName, password });
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
