/** A target that confirms everything and keeps only a part of it, as Keycloak does. */
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { type ForgetfulTarget, startForgetfulTarget } from '../connectors/forgetful-target.ts';
import { until } from '../until.ts';
import { ownEnvironment } from './environment.ts';
import { startInstallation, type TestInstallation } from './installation.ts';
import { newTenant, patchOf, settled, type TestTenant } from './tenant.ts';

const env = ownEnvironment();
let provost: TestInstallation;
let target: ForgetfulTarget;

before(async () => {
  provost = await startInstallation({ env });
});
beforeEach(async () => {
  target = await startForgetfulTarget();
});
afterEach(() => target.stop());
after(() => provost.stop());

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const PUSHING = { changed: 'push', missing: 'push', 'members-differ': 'push' };

const userNamed = (userName: string) => ({
  userName,
  name: { givenName: userName, familyName: 'Example' },
  displayName: `${userName} Example`,
  title: 'Countess',
  externalId: `hr-${userName}`,
  phoneNumbers: [{ value: '+44 20 7946 0000', type: 'work' }],
  [ENTERPRISE]: { department: 'Analysis' },
});

const NOT_KEPT = ['displayName', 'externalId', 'phoneNumbers', 'title', `${ENTERPRISE}:department`];

interface Finding {
  readonly situation: string;
  readonly attributes?: readonly string[];
}

async function reconcile(tenant: TestTenant, dryRun: boolean): Promise<Finding[]> {
  const job = await tenant.admin('POST', '/jobs', { kind: 'reconcile-target', target: tenant.targets[0], dryRun });
  assert.equal(job.status, 201, job.text);
  const run = String(job.body['id']);
  await until(
    `job ${run} ended`,
    async () => (await tenant.admin('GET', `/jobs/${run}`)).body,
    ({ state }) => state === 'done',
    60_000,
  );
  return (await tenant.admin('GET', `/jobs/${run}/findings`)).body['items'] as Finding[];
}

const stateOf = async (tenant: TestTenant) =>
  (await tenant.admin('GET', `/identity-providers/${tenant.identityProvider}/targets/${tenant.targets[0]}/state`)).body;

/** Users Ada and Bob, and a group of the two. */
async function provisioned() {
  const tenant = await newTenant(provost.url, {
    targets: [{ baseUrl: target.url, token: 'any', name: 'Keycloak', reconciliation: { actions: PUSHING } }],
  });
  const users: string[] = [];
  const changes: Record<string, unknown>[] = [];
  for (const name of ['Ada', 'Bob']) {
    const created = await tenant.scim('POST', '/Users', userNamed(name));
    changes.push(await settled(tenant, created));
    users.push(String(created.body['id']));
  }
  const members = users.map((value) => ({ value }));
  changes.push(
    await settled(
      tenant,
      await tenant.scim('POST', '/Groups', { displayName: 'Crew', externalId: 'hr-crew', members }),
    ),
  );
  return { tenant, users, changes };
}

test('what a target does not keep is said of the step, of the target and in the audit trail, by names alone', async () => {
  const { tenant, changes } = await provisioned();
  const [first, second] = changes;
  for (const change of [first, second]) {
    const [step] = (change?.['steps'] ?? []) as { result: string; notKept: string[] }[];
    assert.equal(step?.result, 'confirmed');
    assert.deepEqual([...(step?.notKept ?? [])].sort(), NOT_KEPT);
    assert.match(String(change?.['standing']), /^It is done\. Keycloak does not keep: .*title/);
  }
  const { doesNotKeep, remark } = await stateOf(tenant);
  assert.deepEqual(doesNotKeep, [
    { resourceType: 'Group', attributes: ['externalId'] },
    { resourceType: 'User', attributes: NOT_KEPT },
  ]);
  assert.match(String(remark), /^Does not keep: .*title.* \(User\)\.$/);
  const timeline = first?.['timeline'] as { event: string; facts: { notKept?: string[] } }[];
  const confirmed = timeline.find(({ event }) => event === 'step-confirmed');
  assert.ok(confirmed?.facts.notKept?.includes('title'));
  const said = JSON.stringify(timeline);
  assert.ok(!said.includes('Countess') && !said.includes('hr-Ada'));
});

test('accounts that nobody touched are no drift, and nothing is sent in any night', async () => {
  const { tenant } = await provisioned();
  assert.deepEqual(await reconcile(tenant, true), []);
  const sent = target.received.length;
  assert.deepEqual(await reconcile(tenant, false), []);
  assert.deepEqual(await reconcile(tenant, false), []);
  assert.deepEqual(target.writes(sent), []);
});

test('drift of what is kept is found beside what is not, and pushed once', async () => {
  const { tenant } = await provisioned();
  const [id = '', ada] = [...target.held].find(([, { userName }]) => userName === 'ada') ?? [];
  target.held.set(id, { ...ada, name: { givenName: 'Eve', familyName: 'Example' } });
  const findings = await reconcile(tenant, false);
  assert.deepEqual(
    findings.map(({ situation, attributes }) => [situation, attributes]),
    [['changed', ['name']]],
  );
  await until(
    'pushed',
    async () => target.held.get(id)?.['name'],
    (name) => (name as { givenName: string }).givenName === 'Ada',
  );
  const sent = target.received.length;
  assert.deepEqual(await reconcile(tenant, false), []);
  assert.deepEqual(target.writes(sent), []);
});

test('a target that begins to keep an attribute is sent it, and from then on its loss is drift', async () => {
  const { tenant, users } = await provisioned();
  target.manner.drops = NOT_KEPT.filter((name) => name !== 'title');
  const [ada = '', bob = ''] = users;
  await settled(
    tenant,
    await tenant.scim('PATCH', `/Users/${ada}`, patchOf({ op: 'replace', path: 'title', value: 'Dr' })),
  );
  assert.deepEqual(await reconcile(tenant, true), [], 'who never kept it has not lost it');
  const attributes = ((await stateOf(tenant))['doesNotKeep'] as { attributes: string[] }[])[1]?.attributes;
  assert.deepEqual(
    attributes,
    NOT_KEPT.filter((name) => name !== 'title'),
  );
  const resync = await tenant.admin(
    'POST',
    `/identity-providers/${tenant.identityProvider}/targets/${tenant.targets[0]}/provision`,
    { resourceType: 'User', resourceId: bob },
  );
  assert.equal(resync.status, 200, resync.text);
  const titles = async () => [...target.held.values()].flatMap(({ title }) => title ?? []);
  assert.deepEqual(await until('both have it', titles, (found) => found.length === 2), ['Dr', 'Countess']);
  for (const account of target.held.values()) delete account['title'];
  assert.deepEqual(
    (await reconcile(tenant, true)).map(({ attributes }) => attributes),
    [['title'], ['title']],
  );
});
