import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asChangeId, asResourceId, type TenantId } from '../../../domain/ids.ts';
import { type Admin, pathsOf, startAdmin } from './fixture.ts';
import { fact } from './recorded-changes.ts';

const RESOURCE = asResourceId('r-1');
const CHANGE = asChangeId('c-1');

const appendThree = (api: Admin, tenant: TenantId): Promise<void> =>
  api.audit.append({ tenant, resourceType: 'User', resourceId: RESOURCE }, [
    fact(CHANGE, 'accepted', 1, { actor: 'hr-system', facts: { operation: 'create', urgent: false } }),
    fact(CHANGE, 'persisted', 2, { facts: { version: 1 } }),
    fact(CHANGE, 'settled', 3),
  ]);

test('the audit trail of a resource is listed in order, by pages', async (context) => {
  const api = await startAdmin(context);
  const { tenant, base } = await api.tenantWithAdmin();
  const auditor = await api.basicCaller(tenant, ['auditor']);
  await appendThree(api, tenant);
  const first = await auditor('GET', `${base}/resources/${RESOURCE}/audit?limit=2`);
  const second = await auditor('GET', `${base}/resources/${RESOURCE}/audit?limit=2&cursor=${first.body['next']}`);

  const events = (items: unknown) => (items as { event: string }[]).map(({ event }) => event);
  assert.deepEqual(
    [events(first.body['items']), events(second.body['items'])],
    [['accepted', 'persisted'], ['settled']],
  );
  assert.equal(second.body['next'], undefined);
  const [entry] = first.body['items'] as Record<string, unknown>[];
  assert.deepEqual([entry?.['sequence'], entry?.['actor']], [1, 'hr-system']);
  assert.match(String(entry?.['hash']), /^[0-9a-f]{64}$/);
  const wrong = await auditor('GET', `${base}/resources/${RESOURCE}/audit?cursor=x`);
  assert.deepEqual([wrong.body['code'], pathsOf(wrong)], ['INVALID_CURSOR', ['query.cursor']]);
});

test('an altered entry is found, and named', async (context) => {
  const api = await startAdmin(context);
  const { tenant, base } = await api.tenantWithAdmin();
  const auditor = await api.basicCaller(tenant, ['auditor']);
  await appendThree(api, tenant);
  const verify = async () => (await auditor('GET', `${base}/resources/${RESOURCE}/audit/verify`)).body;

  assert.deepEqual(await verify(), { intact: true, entries: 3 });
  await api.connection.collection('audit').updateOne({ sequence: 2 }, { $set: { 'facts.version': 7 } });
  assert.deepEqual(await verify(), {
    intact: false,
    entries: 3,
    broken: { sequence: 2, reason: 'its content was altered' },
  });
});

test('a resource of which nothing was recorded, or of another tenant, is not found', async (context) => {
  const api = await startAdmin(context);
  const { base, admin } = await api.tenantWithAdmin('acme');
  await appendThree(api, (await api.tenantWithAdmin('globex')).tenant);
  for (const path of [`/resources/${RESOURCE}/audit`, `/resources/${RESOURCE}/audit/verify`]) {
    assert.equal((await admin('GET', base + path)).status, 404);
  }
});

test('what administrators did is a chain of the tenant, listed and verified apart from its resources', async (context) => {
  const api = await startAdmin(context);
  const { tenant, base } = await api.tenantWithAdmin('acme');
  const other = await api.tenantWithAdmin('globex');
  const auditor = await api.basicCaller(tenant, ['auditor']);
  const before = await auditor('GET', `${base}/audit`);
  const begun = before.status === 404 ? 0 : (before.body['items'] as unknown[]).length;
  for (const actor of ['olga', 'otto'])
    await api.audit.appendAdministrative(tenant, {
      event: 'credential-rotated',
      at: '2026-01-01T00:00:00.000Z',
      actor,
      facts: { credential: 'hr-system' },
    });
  const listed = await auditor('GET', `${base}/audit?limit=200`);
  const entries = (listed.body['items'] as { event: string; actor: string }[]).slice(begun);
  assert.deepEqual(
    entries.map(({ event, actor }) => `${event} ${actor}`),
    ['credential-rotated olga', 'credential-rotated otto'],
  );
  const verified = await auditor('GET', `${base}/audit/verify`);
  assert.deepEqual(verified.body, { intact: true, entries: begun + 2 });
  assert.equal((await auditor('GET', `${other.base}/audit`)).status, 403, 'nobody sees the trail of another tenant');
});

test('an alarm of an audit trail is on the list of what needs a person until an operator takes it off', async (context) => {
  const api = await startAdmin(context);
  const { tenant, base } = await api.tenantWithAdmin();
  const operator = await api.basicCaller(tenant, ['operator', 'auditor']);
  await appendThree(api, tenant);
  await api.connection.collection('audit').deleteOne({ sequence: 3 });
  await api.audit.append({ tenant, resourceType: 'User', resourceId: RESOURCE }, [fact(CHANGE, 'step-retried', 4)]);

  const listed = await operator('GET', `${base}/attention?kind=audit-alarm`);
  const [item, ...others] = listed.body['items'] as {
    because: string;
    resource: string;
    actions: { path: string }[];
  }[];
  assert.match(item?.because ?? '', /^Entries at the end of its audit trail are missing/);
  assert.deepEqual([item?.resource, others.length], [RESOURCE, 0]);
  const dismiss = item?.actions[0]?.path ?? '';
  assert.equal((await operator('POST', dismiss)).status, 204);
  assert.equal((await operator('POST', dismiss)).status, 404);
  assert.deepEqual((await operator('GET', `${base}/attention?kind=audit-alarm`)).body['items'], []);
  const trail = (await operator('GET', `${base}/audit?limit=200`)).body['items'] as { event: string }[];
  assert.equal(trail.at(-1)?.event, 'audit-alarm-dismissed');
});
