import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asChangeId, asServiceProviderId, asTargetId } from '../../../domain/ids.ts';
import { type Admin, type Caller, pathsOf, type Reply, startAdmin, textAt } from './fixture.ts';
import { fact, parkedAt, recordChange, USER_NAME } from './recorded-changes.ts';

const idsOf = ({ body }: Reply): unknown[] => (body['items'] as { id: string }[]).map(({ id }) => id);

/** A tenant with one target. */
async function withTarget(api: Admin) {
  const { tenant, base, admin } = await api.tenantWithAdmin();
  const provider = textAt(await admin('POST', `${base}/identity-providers`, { name: 'Okta' }), 'id');
  const body = { name: 'Okta users', connector: 'scim2', settings: { url: 'https://target.example' } };
  const target = await admin('POST', `${base}/identity-providers/${provider}/targets`, body);
  const operator = await api.basicCaller(tenant, ['operator']);
  return { tenant, base, operator, target: asTargetId(textAt(target, 'id')) };
}

/** All pages of a list, each read after `between` has run. */
async function pages(
  caller: Caller,
  path: string,
  between = async (): Promise<void> => undefined,
): Promise<unknown[][]> {
  const found: unknown[][] = [];
  for (let cursor = ''; ; ) {
    const reply = await caller('GET', `${path}${cursor}`);
    assert.equal(reply.status, 200, reply.text);
    found.push(idsOf(reply));
    if (reply.body['next'] === undefined) return found;
    cursor = `&cursor=${encodeURIComponent(String(reply.body['next']))}`;
    await between();
  }
}

test('changes are paged by key: nothing is shown twice or left out while others come in', async (context) => {
  const api = await startAdmin(context);
  const { tenant, base, admin } = await api.tenantWithAdmin();
  const at = (second: number) => ({ receivedAt: new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString() });
  // Three of them in the same millisecond, over the end of a page.
  const before = [];
  for (const second of [1, 2, 3, 3, 3, 4, 5]) before.push(await recordChange(api, tenant, {}, at(second)));
  let later = 10;
  const found = await pages(admin, `${base}/changes?limit=3`, async () => {
    for (let count = 0; count < 4; count += 1) await recordChange(api, tenant, {}, at(later++));
  });

  assert.deepEqual(
    found.map(({ length }) => length),
    [3, 3, 1],
  );
  assert.deepEqual(
    found.flat(),
    before.sort((a, b) => b.receivedAt.localeCompare(a.receivedAt) || (a.id < b.id ? -1 : 1)).map(({ id }) => id),
  );
});

test('changes are filtered by state, resource and service provider', async (context) => {
  const api = await startAdmin(context);
  const { tenant, base, admin } = await api.tenantWithAdmin();
  const settled = await recordChange(api, tenant, { state: 'settled' });
  const parked = await recordChange(api, tenant, { state: 'parked' }, { resourceId: settled.resourceId });
  const hr = await recordChange(api, tenant, { state: 'parked' }, { serviceProvider: asServiceProviderId('hr') });
  const list = async (query: string) => idsOf(await admin('GET', `${base}/changes?${query}`)).sort();

  assert.deepEqual(await list('state=parked'), [parked.id, hr.id].sort());
  assert.deepEqual(await list(`resource=${settled.resourceId}`), [settled.id, parked.id].sort());
  assert.deepEqual(await list('state=parked&serviceProvider=hr'), [hr.id]);
});

test('a query outside what exists is refused with its path', async (context) => {
  const { base, admin } = await (await startAdmin(context)).tenantWithAdmin();
  for (const [query, path] of [
    ['limit=0', 'query.limit'],
    ['limit=201', 'query.limit'],
    ['limit=many', 'query.limit'],
    ['limit=1.5', 'query.limit'],
    ['state=lost', 'query.state'],
    ['resource=a&resource=b', 'query.resource'],
    ['colour=red', 'query.colour'],
    ['cursor=nonsense', 'query.cursor'],
    [`cursor=${Buffer.from('["only one part"]').toString('base64url')}`, 'query.cursor'],
    [`cursor=${Buffer.from('[{"$ne":1},"x"]').toString('base64url')}`, 'query.cursor'],
  ]) {
    const refused = await admin('GET', `${base}/changes?${query}`);
    assert.equal(refused.status, 400, query);
    assert.deepEqual(pathsOf(refused), [path], query);
  }
  assert.equal((await admin('GET', `${base}/changes?limit=200`)).status, 200);
});

test('a change tells how it was decided, how its targets stand, what it waits for and what led there', async (context) => {
  const api = await startAdmin(context);
  const { tenant, base, operator, target } = await withTarget(api);
  const gone = asTargetId('gone');
  const change = await recordChange(api, tenant, parkedAt(target, [gone]));
  const { id, resourceType, resourceId } = change;
  await api.audit.append({ tenant, resourceType, resourceId }, [
    fact(id, 'accepted', 1, { actor: 'hr-system', facts: { operation: 'create' } }),
    fact(id, 'decided', 2, { facts: { targets: [target, gone], policyVersion: 1 } }),
    fact(id, 'step-parked', 3, { facts: { target, code: 'TARGET_REJECTED' } }),
  ]);
  const { body, text } = await operator('GET', `${base}/changes/${id}`);

  assert.deepEqual(body['waits'], [
    {
      target,
      name: 'Okta users',
      parked: true,
      because: 'Okta users refused what was sent. Correct the data or the mapping, then retry; or skip this target.',
      code: 'TARGET_REJECTED',
      targetSaid: 'userName: must be an address',
    },
    {
      target: gone,
      name: 'the deleted target gone',
      parked: false,
      because: 'the deleted target gone has not confirmed the change yet.',
    },
  ]);
  assert.equal(body['standing'], 'An operator has to decide: 1 target cannot be served as things are.');
  assert.deepEqual(body['decision'], {
    mode: 'persist-and-provision',
    targets: [
      { target, name: 'Okta users', called: true, because: 'Resident provisions to Okta' },
      { target: gone, name: 'the deleted target gone', called: true, because: 'Resident provisions to Okta' },
    ],
  });
  assert.deepEqual(
    (body['timeline'] as { event: string }[]).map(({ event }) => event),
    ['accepted', 'decided', 'step-parked'],
  );
  for (const hidden of [USER_NAME, 'idempotency-key-of-the-client', 'fingerprint-of-the-request', '"body"']) {
    assert.ok(!text.includes(hidden), hidden);
  }
});

test('a change that was refused tells why', async (context) => {
  const api = await startAdmin(context);
  const { tenant, base, admin } = await api.tenantWithAdmin();
  const error = {
    code: 'UNIQUENESS',
    message: 'Another User has this userName.',
    facts: { path: 'userName' },
  } as const;
  const { id } = await recordChange(api, tenant, { state: 'rejected', error, settledAt: new Date().toISOString() });
  const { body } = await admin('GET', `${base}/changes/${id}`);
  assert.deepEqual(body['error'], { code: 'UNIQUENESS', message: 'Another User has this userName.', path: 'userName' });
  assert.deepEqual(body['waits'], []);
  assert.match(String(body['standing']), /^It was refused: Another User/);
});

test('what needs attention is every parked change and nothing else', async (context) => {
  const api = await startAdmin(context);
  const { tenant, base, operator, target } = await withTarget(api);
  await recordChange(api, tenant, { state: 'settled' });
  await recordChange(api, tenant, { state: 'persisted' });
  const parked = [await recordChange(api, tenant, parkedAt(target)), await recordChange(api, tenant, parkedAt(target))];
  const other = await api.tenantWithAdmin('globex');
  await recordChange(api, other.tenant, parkedAt(target));

  const found = await pages(operator, `${base}/attention?limit=1`);
  assert.deepEqual(found.flat().sort(), parked.map(({ id }) => id).sort());
  const [item] = (await operator('GET', `${base}/attention`)).body['items'] as Record<string, unknown>[];
  const [wait] = (item?.['waits'] ?? []) as Record<string, unknown>[];
  assert.match(String(wait?.['because']), /^Okta users refused/);
  assert.equal(wait?.['targetSaid'], 'userName: must be an address');
});

test("another tenant's change does not exist", async (context) => {
  const api = await startAdmin(context);
  const { tenant } = await api.tenantWithAdmin('globex');
  const { base, admin } = await api.tenantWithAdmin('acme');
  const theirs = await recordChange(api, tenant, { state: 'parked' });
  assert.equal((await admin('GET', `${base}/changes/${theirs.id}`)).status, 404);
  assert.equal((await admin('POST', `${base}/changes/${theirs.id}/retry`)).status, 404);
  assert.equal((await admin('GET', `${base}/changes/${asChangeId('none')}`)).status, 404);
  assert.deepEqual(idsOf(await admin('GET', `${base}/changes?resource=${theirs.resourceId}`)), []);
  assert.deepEqual(api.orders, []);
});
