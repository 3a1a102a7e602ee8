import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, test } from 'node:test';
import { Client, Connection, ScheduleNotFoundError } from '@temporalio/client';
import { asTargetId, asTenantId } from '../../domain/ids.ts';
import { reconciliationScheduleId } from '../../worker/reconciliation-schedules.ts';
import { until } from '../until.ts';
import { editTarget } from './edit-target.ts';
import { ownEnvironment } from './environment.ts';
import { startInstallation, type TestInstallation } from './installation.ts';
import { type FaultySandbox, startFaultySandbox } from './sandbox.ts';
import { newTenant, patchOf, type Send, sender, settled, type TestTenant } from './tenant.ts';

const env = ownEnvironment();
let provost: TestInstallation;
let sandbox: FaultySandbox;
let directly: Send;

before(async () => {
  provost = await startInstallation({ env });
});
// A target of its own for each: a run looks at everything that there is.
const freshSandbox = async (): Promise<void> => {
  sandbox = await startFaultySandbox();
  directly = sender(sandbox.wish.baseUrl, { authorization: `Bearer ${sandbox.wish.token}` });
};
afterEach(() => sandbox.stop());
after(() => provost.stop());

interface Finding {
  readonly id: string;
  readonly situation: string;
  readonly state: string;
  readonly action: string;
  readonly attributes?: readonly string[];
  readonly note?: string;
}

async function reconcile(tenant: TestTenant, dryRun = false): Promise<{ run: string; findings: Finding[] }> {
  const job = await tenant.admin('POST', '/jobs', { kind: 'reconcile-target', target: tenant.targets[0], dryRun });
  assert.equal(job.status, 201, job.text);
  const run = String(job.body['id']);
  await ended(tenant, run);
  return { run, findings: await findingsOf(tenant, run) };
}

const ended = (tenant: TestTenant, job: string): Promise<Record<string, unknown>> =>
  until(
    `job ${job} ended`,
    async () => (await tenant.admin('GET', `/jobs/${job}`)).body,
    ({ state }) => state === 'done',
    60_000,
  );

const findingsOf = async (tenant: TestTenant, run: string): Promise<Finding[]> =>
  (await tenant.admin('GET', `/jobs/${run}/findings`)).body['items'] as Finding[];

const bySituation = (findings: readonly Finding[]): Record<string, string> =>
  Object.fromEntries(findings.map(({ situation, state }) => [situation, state]));

const remoteId = async (name: string): Promise<string> => (await sandbox.accounts(name))[0]?.id ?? '';

/** A target that holds, of five users, one as it is, one changed, one deleted, and one active that was disabled, and two strangers. */
async function driftedTarget(wish: object = {}): Promise<TestTenant> {
  await freshSandbox();
  const tenant = await newTenant(provost.url, { targets: [{ ...sandbox.wish, resourceTypes: ['User'], ...wish }] });
  const made = new Map<string, string>();
  for (const name of ['same', 'changed', 'missing', 'leaver']) {
    const user = await tenant.scim('POST', '/Users', { userName: name, title: 'Clerk' });
    await settled(tenant, user);
    made.set(name, String(user.body['id']));
  }
  await settled(tenant, await tenant.scim('DELETE', `/Users/${made.get('leaver')}`));
  const replace = (path: string, value: unknown) => patchOf({ op: 'replace', path, value });
  await directly('PATCH', `/Users/${await remoteId('changed')}`, replace('title', 'Emperor'));
  await directly('DELETE', `/Users/${await remoteId('missing')}`);
  await directly('PATCH', `/Users/${await remoteId('leaver')}`, replace('active', true));
  await directly('POST', '/Users', { schemas: [USER], userName: 'stranger', title: 'Spy' });
  return tenant;
}

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';

const PUSHING = { changed: 'push', missing: 'push', 'active-again': 'push', unknown: 'delete' };

test('a dry run tells what differs and what would be done, and changes nothing', async () => {
  const tenant = await driftedTarget({ reconciliation: { actions: PUSHING } });
  const before = sandbox.received.length;
  const { run, findings } = await reconcile(tenant, true);
  assert.deepEqual(bySituation(findings), {
    changed: 'reported',
    missing: 'reported',
    'active-again': 'reported',
    unknown: 'reported',
  });
  const changed = findings.find(({ situation }) => situation === 'changed');
  assert.deepEqual([changed?.attributes, changed?.action], [['title'], 'push']);
  const read = await tenant.admin('GET', `/findings/${changed?.id}`);
  assert.deepEqual([read.body['confirmed'], read.body['held']], [{ title: 'Clerk' }, { title: 'Emperor' }]);
  assert.deepEqual(
    sandbox.received.slice(before).filter(({ method }) => method !== 'GET'),
    [],
  );

  const csv = await tenant.admin('GET', `/jobs/${run}/findings/report`);
  assert.match(csv.headers.get('content-type') ?? '', /^text\/csv/);
  assert.match(csv.headers.get('content-disposition') ?? '', /attachment/);
  const lines = csv.text.trim().split('\r\n');
  assert.equal(lines.length, 5);
  assert.ok(!csv.text.includes('Emperor'), 'values of persons stay out of the report');
  const jsonl = await fetch(`${provost.url}/admin/v1/tenants/${tenant.id}/jobs/${run}/findings/report?format=jsonl`, {
    headers: { authorization: tenant.authorization },
  });
  assert.deepEqual(
    (await jsonl.text())
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as Finding).situation)
      .sort(),
    ['active-again', 'changed', 'missing', 'unknown'],
  );
});

test('a run pushes what was altered, makes what is missing, disables who is active again, and deletes who is unknown', async () => {
  const tenant = await driftedTarget({ reconciliation: { actions: PUSHING } });
  const { findings } = await reconcile(tenant);
  assert.deepEqual(bySituation(findings), {
    changed: 'done',
    missing: 'done',
    'active-again': 'done',
    unknown: 'done',
  });
  const held = async () =>
    (await sandbox.accounts('')).map(({ userName, title, active }) => [userName, title, active]).sort();
  assert.deepEqual(
    await until('all put right', held, (accounts) => accounts.length === 4 && accounts[1]?.[2] === false),
    [
      ['changed', 'Clerk', true],
      ['leaver', 'Clerk', false],
      ['missing', 'Clerk', true],
      ['same', 'Clerk', true],
    ],
  );
  assert.deepEqual((await reconcile(tenant)).findings, [], 'nothing is left to find');
});

test('what a target holds is adopted: values, an account that matches a user, and a user nobody knew', async () => {
  const actions = { changed: 'adopt', unlinked: 'adopt', unknown: 'adopt' };
  const tenant = await driftedTarget({ reconciliation: { actions } });
  const kept = await tenant.scim('GET', '/Users?filter=userName eq "changed"');
  const [changed] = kept.body['Resources'] as { id: string }[];
  const { findings } = await reconcile(tenant);
  assert.equal(bySituation(findings)['changed'], 'done');
  assert.equal(bySituation(findings)['unknown'], 'done');
  assert.equal((await tenant.scim('GET', `/Users/${changed?.id}`)).body['title'], 'Emperor');
  const stranger = await tenant.scim('GET', '/Users?filter=userName eq "stranger"');
  assert.equal((stranger.body['Resources'] as { title: string }[])[0]?.title, 'Spy');
});

test('an account that was there before its user is told, and linked where that is wanted', async () => {
  await freshSandbox();
  const tenant = await newTenant(provost.url, {
    targets: [{ ...sandbox.wish, enabled: false, reconciliation: { actions: { unlinked: 'adopt' } } }],
  });
  await directly('POST', '/Users', { schemas: [USER], userName: 'Early', title: 'Bird' });
  await settled(tenant, await tenant.scim('POST', '/Users', { userName: 'early', title: 'Worm' }));
  await editTarget(tenant, tenant.targets[0] ?? '', { enabled: true });
  const { findings } = await reconcile(tenant);
  assert.deepEqual(bySituation(findings), { unlinked: 'done' });
  const title = async () => (await sandbox.accounts('early')).map((account) => account['title']);
  assert.deepEqual(await until('linked', title, ([held]) => held === 'Worm'), ['Worm']);
});

test('what waits is decided by a person, once, and carried out', async () => {
  const tenant = await driftedTarget({ reconciliation: { actions: { changed: 'park', unknown: 'park' } } });
  const { run, findings } = await reconcile(tenant);
  const waiting = findings.filter(({ state }) => state === 'waiting');
  assert.deepEqual(waiting.map(({ situation }) => situation).sort(), ['changed', 'unknown']);
  const [changed, unknown] = waiting.sort((left, right) => left.situation.localeCompare(right.situation));
  const decide = (finding: Finding | undefined, action: string) =>
    tenant.admin('POST', `/findings/${finding?.id}/decide`, { action });
  assert.equal((await decide(changed, 'delete')).status, 400, 'an account of ours is not deleted so');
  assert.equal((await decide(changed, 'push')).status, 202);
  assert.equal((await decide(changed, 'push')).status, 409);
  assert.equal((await decide(unknown, 'delete')).status, 202);
  await until(
    'both done',
    () => findingsOf(tenant, run),
    (all) => all.filter(({ state }) => state === 'done').length === 2,
    30_000,
  );
  assert.deepEqual(await sandbox.accounts('stranger'), []);
  const title = async () => (await sandbox.accounts('changed'))[0]?.['title'];
  assert.equal(await until('pushed', title, (held) => held === 'Clerk'), 'Clerk');
  const trail = (await tenant.admin('GET', '/audit?limit=200')).body['items'] as { event: string; facts: object }[];
  assert.deepEqual(
    trail.filter(({ event }) => event === 'finding-decided').map(({ facts }) => facts),
    [
      { finding: changed?.id, target: tenant.targets[0], action: 'push' },
      { finding: unknown?.id, target: tenant.targets[0], action: 'delete' },
    ],
  );
});

test('a target that lost everything is not filled again without asking: beyond the limit differences wait', async () => {
  await freshSandbox();
  const tenant = await newTenant(provost.url, {
    targets: [{ ...sandbox.wish, reconciliation: { actions: { missing: 'push' }, mostChanges: 2 } }],
  });
  for (let number = 0; number < 5; number += 1)
    await settled(tenant, await tenant.scim('POST', '/Users', { userName: `lost-${number}` }));
  for (const { id } of await sandbox.accounts('lost-')) await directly('DELETE', `/Users/${id}`);
  const { findings } = await reconcile(tenant);
  const states = findings.map(({ state }) => state).sort();
  assert.deepEqual(states, ['done', 'done', 'waiting', 'waiting', 'waiting']);
  assert.match(findings.find(({ state }) => state === 'waiting')?.note ?? '', /More than 2 differences/);
});

test('a schedule begins a run by itself, and goes when the target has none any more', async () => {
  await freshSandbox();
  const schedule = { cron: '0 3 1 1 *', timeZone: 'Europe/Berlin' };
  const tenant = await newTenant(provost.url, { targets: [{ ...sandbox.wish, reconciliation: { schedule } }] });
  const [target = ''] = tenant.targets;
  const connection = await Connection.connect({ address: env['TEMPORAL_ADDRESS'] ?? '' });
  try {
    const { schedule: schedules } = new Client({ connection });
    const id = reconciliationScheduleId(env['PROVOST_TASK_QUEUE'] ?? '', asTenantId(tenant.id), asTargetId(target));
    const handle = schedules.getHandle(id);
    const stands = () =>
      handle.describe().then(
        () => true,
        // What it starts is encrypted, which this client cannot read.
        (error) => !(error instanceof ScheduleNotFoundError),
      );
    await until('the schedule', stands, (found) => found, 20_000);
    await handle.trigger();
    const runs = async () =>
      ((await tenant.admin('GET', '/jobs')).body['items'] as Record<string, unknown>[]).map(
        ({ kind, startedBy, state }) => [kind, startedBy, state],
      );
    assert.deepEqual(await until('a run', runs, ([run]) => run?.[2] === 'done', 20_000), [
      ['reconcile-target', 'engine', 'done'],
    ]);
    await editTarget(tenant, target, { reconciliation: undefined });
    await until('no schedule', stands, (found) => !found, 20_000);
  } finally {
    await connection.close();
  }
});

test('a reconciliation that cannot be is refused where it is configured', async () => {
  await freshSandbox();
  const tenant = await newTenant(provost.url, {});
  const target = (reconciliation: object) =>
    tenant.admin('POST', `/identity-providers/${tenant.identityProvider}/targets`, {
      name: randomUUID(),
      connector: 'scim2',
      settings: { baseUrl: sandbox.wish.baseUrl, authentication: { kind: 'none' } },
      reconciliation,
    });
  assert.equal((await target({ actions: { ambiguous: 'delete' } })).status, 400);
  assert.equal((await target({ schedule: { cron: 'often', timeZone: 'Europe/Berlin' } })).status, 400);
  assert.equal((await target({ schedule: { cron: '0 3 * * *', timeZone: 'Mars' } })).status, 400);
});

test('a run waits for a target that is paused until it is cancelled, and fails where the target cannot be listed', async () => {
  await freshSandbox();
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish] });
  const [target = ''] = tenant.targets;
  const state = `/identity-providers/${tenant.identityProvider}/targets/${target}/state`;
  const start = async (): Promise<string> => {
    const job = await tenant.admin('POST', '/jobs', { kind: 'reconcile-target', target });
    assert.equal(job.status, 201, job.text);
    return String(job.body['id']);
  };
  const stateOf = async (job: string) => (await tenant.admin('GET', `/jobs/${job}`)).body['state'];

  assert.equal((await tenant.admin('POST', `${state}/pause`, {})).status, 200);
  const waiting = await start();
  const second = await tenant.admin('POST', '/jobs', { kind: 'reconcile-target', target });
  assert.deepEqual([second.status, second.body['code']], [409, 'OPERATION_UNDER_WAY']);
  assert.equal((await tenant.admin('POST', `/jobs/${waiting}/cancel`)).status, 202);
  await until(
    'cancelled',
    () => stateOf(waiting),
    (now) => now === 'cancelled',
    20_000,
  );
  assert.equal((await tenant.admin('POST', `${state}/resume`, {})).status, 200);

  sandbox.fail(() => ({ kind: 'answer', status: 501, body: { status: '501', detail: 'no lists here' } }));
  const refused = await start();
  await until(
    'failed',
    () => stateOf(refused),
    (now) => now === 'failed',
    20_000,
  );
  assert.ok((await tenant.admin('GET', `/jobs/${refused}`)).body['error']);
});

test('members whom somebody else put into a group, or took out, are found and put right', async () => {
  await freshSandbox();
  const reconciliation = { actions: { 'members-differ': 'push' } };
  const tenant = await newTenant(provost.url, { targets: [{ ...sandbox.wish, reconciliation }] });
  const users: string[] = [];
  for (const userName of ['stays', 'taken-out', 'no-member']) {
    const created = await tenant.scim('POST', '/Users', { userName });
    await settled(tenant, created);
    users.push(String(created.body['id']));
  }
  const members = users.slice(0, 2).map((value) => ({ value }));
  for (const displayName of ['crew', 'others'])
    await settled(tenant, await tenant.scim('POST', '/Groups', { displayName, members }));
  const groupAt = async (displayName: string) =>
    (await sandbox.everything()).groups.find((group) => group['displayName'] === displayName);
  const membersAt = async (): Promise<string[]> =>
    (((await groupAt('crew'))?.['members'] ?? []) as { value: string }[]).map(({ value }) => value).sort();
  const wanted = await membersAt();
  assert.equal(wanted.length, 2);
  assert.deepEqual((await reconcile(tenant, true)).findings, []);

  const crew = String((await groupAt('crew'))?.['id']);
  const out = `members[value eq "${await remoteId('taken-out')}"]`;
  await directly('PATCH', `/Groups/${crew}`, patchOf({ op: 'remove', path: out }));
  const stranger = await directly('POST', '/Users', { schemas: [USER], userName: 'intruder' });
  const intruders = [{ value: stranger.body['id'] }, { value: await remoteId('no-member') }];
  await directly('PATCH', `/Groups/${crew}`, patchOf({ op: 'add', path: 'members', value: intruders }));
  assert.equal((await membersAt()).length, 3);

  const dry = await reconcile(tenant, true);
  const found = dry.findings.find(({ situation }) => situation === 'members-differ');
  assert.deepEqual((found as { members?: object } | undefined)?.members, { missing: 1, surplus: 2 });
  assert.equal(dry.findings.filter(({ situation }) => situation === 'members-differ').length, 1);
  const { body } = await tenant.admin('GET', `/findings/${found?.id}`);
  assert.deepEqual(body['confirmed'], { members: [{ value: await remoteId('taken-out') }] });
  await reconcile(tenant);
  await until('the members put right', membersAt, (held) => held.join() === wanted.join());
  await until(
    'no difference any more',
    () => reconcile(tenant, true),
    ({ findings }) => findings.every(({ situation }) => situation !== 'members-differ'),
  );
});

test('an account that is nobody’s is matched by the rules that a create would use, in their order', async () => {
  await freshSandbox();
  const matching = { rules: [{ attributes: ['nickName', 'title'] }, { attributes: ['emails.value'] }] };
  const tenant = await newTenant(provost.url, {
    targets: [{ ...sandbox.wish, enabled: false, resourceTypes: ['User'], matching }],
  });
  const mail = [{ value: 'by-mail@example.com' }];
  for (const user of [
    { userName: 'by-both', nickName: 'Al', title: 'Clerk' },
    { userName: 'by-mail', emails: mail },
    { userName: 'same-name' },
  ])
    await tenant.scim('POST', '/Users', user);
  const [target = ''] = tenant.targets;
  await editTarget(tenant, target, { enabled: true });
  for (const account of [
    { userName: 'x1', nickName: 'Al', title: 'Clerk' },
    { userName: 'x2', nickName: 'Al', title: 'Other', emails: mail },
    { userName: 'same-name' },
  ])
    await directly('POST', '/Users', { schemas: [USER], ...account });
  const { findings } = await reconcile(tenant, true);
  const told = findings.map(({ situation }) => situation).sort();
  assert.deepEqual(told, ['unknown', 'unlinked', 'unlinked']);
});
