import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { findConnectorType } from '../../../connectors/registry.ts';
import { pathsOf, startAdmin, textAt } from './fixture.ts';
import { withIdentityProvider } from './with-identity-provider.ts';

const onScim2 = async (t: TestContext) => withIdentityProvider(await startAdmin(t, { findConnectorType }));

const wanting = (own: object, capabilities: object) => ({
  name: 'Directory',
  connector: 'scim2',
  settings: { baseUrl: 'https://scim.example.com', authentication: { kind: 'none' }, capabilities },
  ...own,
});

const REFUSED: readonly (readonly [string, object, object, readonly string[]])[] = [
  ['disable, by default', {}, { disable: false }, ['deprovision']],
  ['disable', { deprovision: 'disable' }, { disable: false }, ['deprovision']],
  ['delete', { deprovision: 'delete' }, { delete: false }, ['deprovision']],
  ['groups', { resourceTypes: ['User', 'Group'] }, { groups: false }, ['resourceTypes[1]']],
  ['delete groups, by default', { resourceTypes: ['User', 'Group'] }, { delete: false }, ['deprovisionGroups']],
  ['delete after days', { deleteAfterDays: 30 }, { delete: false }, ['deleteAfterDays']],
  [
    'delete an emptied group after days',
    { resourceTypes: ['Group'], deprovisionGroups: 'empty', deleteAfterDays: 30 },
    { delete: false },
    ['deleteAfterDays'],
  ],
];

for (const [what, own, capabilities, paths] of REFUSED) {
  test(`a target that cannot do what it is configured to do is refused: ${what}`, async (t) => {
    const { admin, targets } = await onScim2(t);
    const refused = await admin('POST', targets, wanting(own, capabilities));
    assert.deepEqual([refused.status, pathsOf(refused)], [400, paths]);
  });
}

test('what a target can do instead is taken, and a later edit beyond it is refused', async (t) => {
  const { admin, targets } = await onScim2(t);
  const groups = { resourceTypes: ['User', 'Group'], deprovision: 'disable', deprovisionGroups: 'empty' };
  const created = await admin('POST', targets, wanting(groups, { delete: false }));
  assert.equal(created.status, 201, created.text);
  assert.equal(created.body['deprovisionGroups'], 'empty');
  const path = `${targets}/${textAt(created, 'id')}`;
  const refused = await admin('PUT', path, wanting(groups, { delete: false, disable: false }));
  assert.deepEqual([refused.status, pathsOf(refused)], [400, ['deprovision']]);
  for (const own of [{ deprovision: 'delete' }, { deprovision: 'leave' }])
    assert.equal((await admin('PUT', path, wanting(own, { disable: false }))).status, 200);
});
