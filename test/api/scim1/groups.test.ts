import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startInstallation, type TestInstallation } from '../../end-to-end/installation.ts';
import { CORE, errorOf, newTenant1 } from './client.ts';

let provost: TestInstallation;
before(async () => {
  provost = await startInstallation();
});
after(() => provost.stop());

async function tenantWith(...names: readonly string[]) {
  const tenant = await newTenant1(provost.url);
  const ids: string[] = [];
  for (const userName of names) {
    const { body, text } = await tenant.scim1('POST', '/Users', { schemas: [CORE], userName });
    assert.ok(body['id'], text);
    ids.push(String(body['id']));
  }
  const membersOf = async (id: unknown): Promise<string[]> => {
    const { body } = await tenant.scim1('GET', `/Groups/${id}`);
    return ((body['members'] ?? []) as { value: string }[]).map(({ value }) => value).sort();
  };
  return { ...tenant, ids, membersOf };
}

test('a group is created with its members, who show it among their groups', async () => {
  const { scim1, ids } = await tenantWith('maya', 'ravi');
  const created = await scim1('POST', '/Groups', {
    schemas: [CORE],
    displayName: 'PRIMARY/Tour Guides',
    members: ids.map((value) => ({ value, display: 'somebody' })),
  });
  assert.equal(created.status, 201, created.text);
  assert.equal(created.body['displayName'], 'Tour Guides');
  assert.equal((created.body['members'] as unknown[]).length, 2);
  assert.doesNotMatch(created.text, /\$ref|urn:ietf/);
  const { body: user } = await scim1('GET', `/Users/${ids[0]}`);
  assert.deepEqual(user['groups'], [{ value: created.body['id'], display: 'Tour Guides', type: 'direct' }]);
});

test('a PATCH lets members join and leave, and renames', async () => {
  const { scim1, ids, membersOf } = await tenantWith('maya', 'ravi', 'noor');
  const [maya, ravi, noor] = ids;
  const { body: group } = await scim1('POST', '/Groups', {
    schemas: [CORE],
    displayName: 'Staff',
    members: [{ value: maya }, { value: ravi }],
  });
  const path = `/Groups/${group['id']}`;
  const patched = await scim1('PATCH', path, {
    schemas: [CORE],
    displayName: 'Crew',
    members: [
      { value: maya, operation: 'delete' },
      { display: 'noor', value: noor },
    ],
  });
  assert.equal(patched.status, 200, patched.text);
  assert.equal(patched.body['displayName'], 'Crew');
  assert.deepEqual(await membersOf(group['id']), [ravi, noor].sort());
  await scim1('PATCH', path, { schemas: [CORE], meta: { attributes: ['members'] }, members: [{ value: maya }] });
  assert.deepEqual(await membersOf(group['id']), [maya]);
  await scim1('PATCH', path, { schemas: [CORE], meta: { attributes: ['members'] } });
  assert.deepEqual(await membersOf(group['id']), []);
});

test('a PUT replaces the members, a DELETE ends their memberships', async () => {
  const { scim1, ids, membersOf } = await tenantWith('maya', 'ravi');
  const [maya, ravi] = ids;
  const { body: group } = await scim1('POST', '/Groups', {
    schemas: [CORE],
    displayName: 'Staff',
    members: [{ value: maya }],
  });
  const path = `/Groups/${group['id']}`;
  const replaced = await scim1('PUT', path, { schemas: [CORE], displayName: 'Staff', members: [{ value: ravi }] });
  assert.equal(replaced.status, 200, replaced.text);
  assert.deepEqual(await membersOf(group['id']), [ravi]);
  assert.equal((await scim1('DELETE', path)).status, 200);
  assert.equal((await scim1('GET', `/Users/${ravi}`)).body['groups'], undefined);
});

test('groups made by 1.1 and 2.0 are the same groups', async () => {
  const { scim1, scim, ids, membersOf } = await tenantWith('maya');
  const { body: group } = await scim('POST', '/Groups', {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
    displayName: 'Two',
    members: [{ value: ids[0] }],
  });
  assert.deepEqual(await membersOf(group['id']), [ids[0]]);
  await scim1('PATCH', `/Groups/${group['id']}`, {
    schemas: [CORE],
    members: [{ value: ids[0], operation: 'delete' }],
  });
  const seen = await scim('GET', `/Groups/${group['id']}`);
  assert.equal(seen.body['members'], undefined);
});

test('WSO2’s client finds a group by its unquoted name, and 409 meets the same name again', async () => {
  const { scim1, find } = await tenantWith();
  await scim1('POST', '/Groups', { schemas: [CORE], displayName: 'Sales Team' });
  for (const filter of [
    'displayName Eq Sales Team',
    'displayName Eq PRIMARY/Sales Team',
    'displayName eq "sales team"',
  ])
    assert.equal((await find('Groups', { filter })).totalResults, 1, filter);
  const again = await scim1('POST', '/Groups', { schemas: [CORE], displayName: 'Sales Team' });
  assert.deepEqual([again.status, errorOf(again).code], [409, '409']);
});
