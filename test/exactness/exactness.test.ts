/**
 * Twenty people, six targets, three hundred operations, approvals, jobs and a second tenant whose clients send the same, while
 * targets fail and processes are killed: at the end each target is what the store projects to. `EXACTNESS_SEEDS=7,8 node --test test/exactness/exactness.test.ts` runs these.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { loadConfig } from '../../platform/config.ts';
import { connectMongo } from '../../stores/connect.ts';
import { bundleWorkflows } from '../../worker/bundle-workflows.ts';
import { targetEdit } from '../end-to-end/edit-target.ts';
import { ownEnvironment } from '../end-to-end/environment.ts';
import { freePort, type OwnProcess, startProcess, untilReady } from '../end-to-end/processes.ts';
import { type FaultySandbox, startFaultySandbox } from '../end-to-end/sandbox.ts';
import { type Answer, newTenant, type TestTenant } from '../end-to-end/tenant.ts';
import { until } from '../until.ts';
import { startApprover } from './approver.ts';
import { checkChains, differencesAt, everythingSettled, storeOf } from './check.ts';
import { misfortunes } from './misfortune.ts';
import { GROUPS, mayAnswer, type Operation, operationsOf, requestFor, TAKEN } from './operations.ts';
import { planOf, SCOPED, scopeOf, wishOf } from './six-targets.ts';

const PEOPLE = 20;
const OPERATIONS_EACH = 15;
const SEEDS = seedsIn(process.env['EXACTNESS_SEEDS']) ?? Array.from({ length: 6 }, (_, index) => index + 1);

let folder: string;
let env: Record<string, string>;
let url: string;
const running = new Map<'api/main.ts' | 'worker/main.ts', OwnProcess>();

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provost-exactness-'));
  const bundle = join(folder, 'workflows.js');
  await writeFile(bundle, (await bundleWorkflows()).code);
  const [port, healthPort] = [await freePort(), await freePort()];
  env = ownEnvironment({
    PROVOST_API_PORT: String(port),
    PROVOST_WORKER_METRICS_PORT: String(healthPort),
    PROVOST_WORKFLOW_BUNDLE: bundle,
  });
  url = `http://127.0.0.1:${port}`;
  start('api/main.ts');
  await untilReady(url);
  start('worker/main.ts');
  await untilReady(`http://127.0.0.1:${healthPort}`);
});

after(async () => {
  await Promise.all([...running.values()].map((each) => each.kill()));
  const mongo = await connectMongo(loadConfig(env).mongo);
  await mongo.dropDatabase();
  await mongo.close();
  await rm(folder, { recursive: true, force: true });
});

const start = (file: 'api/main.ts' | 'worker/main.ts'): void => void running.set(file, startProcess(file, env));

for (const seed of SEEDS) {
  test(`each target ends as the store projects, with seed ${seed}`, async (context) => {
    const begun = performance.now();
    const sandboxes = await Promise.all(Array.from({ length: 6 }, startFaultySandbox));
    const running = new AbortController();
    try {
      await run(seed, sandboxes, running.signal);
    } finally {
      running.abort();
      await Promise.all(sandboxes.map((sandbox) => sandbox.stop()));
    }
    context.diagnostic(`seed ${seed}: ${Math.round((performance.now() - begun) / 100) / 10} s`);
  });
}

async function run(seed: number, sandboxes: readonly FaultySandbox[], running: AbortSignal): Promise<void> {
  const [tenant, twin] = [await newTenant(url, {}), await newTenant(url, { mode: 'persist' })];
  const groups: string[] = [];
  for (let number = 0; number < GROUPS; number += 1)
    groups.push(String((await tenant.scim('POST', '/Groups', { displayName: `Group ${number}` })).body['id']));
  const [role = ''] = groups;
  const plans = planOf(role);
  const targets: string[] = [];
  for (const [index, plan] of plans.entries()) {
    const { baseUrl, token, settings, ...own } = wishOf(plan, sandboxes[index] as FaultySandbox);
    const created = await tenant.admin('POST', `/identity-providers/${tenant.identityProvider}/targets`, {
      name: `target-${index}`,
      connector: 'scim2',
      resourceTypes: ['User', 'Group'],
      settings: { baseUrl, authentication: { kind: 'bearer', token }, ...(settings as object) },
      ...own,
    });
    assert.equal(created.status, 201, created.text);
    targets.push(String(created.body['id']));
  }
  for (const [index, sandbox] of sandboxes.entries())
    sandbox.fail(misfortunes(seed, index, plans[index]?.refuses ?? false));
  // Groups were there before the targets: they are brought along by the first change of each.
  for (const group of groups)
    await asking(tenant, 'PATCH', `/Groups/${group}?excludedAttributes=members`, {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op: 'replace', path: 'displayName', value: `Group ${group}` }],
    });

  await startApprover(url, tenant, running);
  await asking(tenant, 'POST', '/Users', { userName: TAKEN });
  const resources = new Set(groups);
  const twins = new Set<string>();
  const asked = { count: 0, isOver: false };
  const turns = events(seed, tenant, targets, asked);
  const everybody = Promise.all(
    Array.from({ length: PEOPLE }, async (_, person) => {
      let user: string | undefined;
      const joined = new Set<string>();
      for (const operation of operationsOf(seed, person, OPERATIONS_EACH)) {
        const { method, path, body } = requestFor(operation, user, groups);
        const key = randomUUID();
        const answer = await asking(tenant, method, path, body, key);
        const told = `${describe(operation)} of person ${person}: ${answer.status} ${answer.text}`;
        assert.ok(mayAnswer(operation, answer.status), told);
        if (operation.kind === 'create') {
          user = String(answer.body['id']);
          resources.add(user);
          joined.clear();
          twins.add(String((await asking(twin, method, path, body, key)).body['id']));
        }
        await requireDone(tenant, operation, answer, { user: user ?? '', groups, joined });
        asked.count += 1;
      }
    }),
  );
  // Where somebody is not served, what was to happen later happens at once: the next seed begins in peace.
  const [{ scopedTo }] = await Promise.all([turns, everybody.finally(() => (asked.isOver = true))]).catch(
    async (error: unknown) => {
      await Promise.allSettled([turns]);
      throw error;
    },
  );

  for (const sandbox of sandboxes) sandbox.heal();
  await everythingSettled(tenant);
  const store = await storeOf(tenant, groups);
  const expected = { ...store, scopedTo, role: store.members.get(role) ?? new Set<string>() };
  const wrong: string[] = [];
  for (const [index, plan] of plans.entries()) {
    const found = await differencesAt(sandboxes[index] as FaultySandbox, plan, expected);
    wrong.push(...found.map((words) => `target ${index}: ${words}`));
  }
  assert.deepEqual(wrong, [], `seed ${seed}; tenant ${tenant.id}`);
  await checkChains(tenant, [...resources]);
  const { body: others } = await twin.scim('GET', '/Users?count=0');
  assert.equal(others['totalResults'], twins.size, 'the second tenant has what its client sent');
  await checkChains(twin, [...twins]);
}

interface Person {
  readonly user: string;
  readonly groups: readonly string[];
  /** Groups that this person is in, as far as this person asked for it. */
  readonly joined: Set<string>;
}

/** What was answered is so: above all, of what was refused nothing is done. */
async function requireDone(
  tenant: TestTenant,
  operation: Operation,
  { status, body }: Answer,
  { user, groups, joined }: Person,
): Promise<void> {
  const group = 'group' in operation ? (groups[operation.group] ?? '') : '';
  if (operation.kind === 'join' || operation.kind === 'bulk') joined.add(group);
  if (operation.kind === 'leave') joined.delete(group);
  if (operation.kind === 'bulk') {
    const statuses = (body['Operations'] as { status: string }[]).map((done) => done.status);
    assert.ok(
      statuses.every((done) => Number(done) < 300),
      JSON.stringify(body),
    );
  }
  if (operation.kind === 'rename' && status === 409) {
    const { displayName } = (await asking(tenant, 'GET', `/Users/${user}`)).body;
    assert.notEqual(displayName, operation.displayName, 'of a rename that was refused, another part is done');
  }
  if (operation.kind === 'join-as-other') {
    const found = (await asking(tenant, 'GET', `/Users/${user}?attributes=groups`)).body['groups'] as
      | { value: string }[]
      | undefined;
    assert.deepEqual(
      (found ?? []).map(({ value }) => value).toSorted(),
      [...joined].toSorted(),
      'a group that was refused its name has other members',
    );
  }
  if (operation.kind === 'promote-and-disable') {
    const { active } = (await asking(tenant, 'GET', `/Users/${user}`)).body;
    assert.equal(active, false, 'a deactivation waited for an approval');
  }
}

const describe = (operation: Operation): string => JSON.stringify(operation);

/** Kills and edits, each when so many operations have been answered: moments that follow from the seed. */
async function events(
  seed: number,
  tenant: TestTenant,
  targets: readonly string[],
  asked: { readonly count: number; readonly isOver: boolean },
): Promise<{ readonly scopedTo: string }> {
  const total = PEOPLE * OPERATIONS_EACH;
  const at = (share: number): Promise<number> =>
    until(
      `${Math.round(share * total)} operations`,
      () => asked.count,
      (count) => asked.isOver || count >= Math.floor(share * total),
      300_000,
    );
  const offset = (seed % 5) / 50;
  await at(0.15 + offset);
  await editScope(tenant, targets[SCOPED] ?? '', 'Guest');
  await at(0.35 + offset);
  await kill(seed % 2 === 0 ? 'worker/main.ts' : 'api/main.ts');
  await at(0.45 + offset);
  await startJob(tenant, { kind: 'resync-target', target: targets[1] });
  await at(0.55 + offset);
  await editScope(tenant, targets[SCOPED] ?? '', 'Chief');
  await at(0.6 + offset);
  await startJob(tenant, { kind: 'reconcile-target', target: targets[2], dryRun: true });
  await at(0.7 + offset);
  await kill(seed % 2 === 0 ? 'api/main.ts' : 'worker/main.ts');
  return { scopedTo: 'Chief' };
}

async function kill(file: 'api/main.ts' | 'worker/main.ts'): Promise<void> {
  await running.get(file)?.kill();
  start(file);
  if (file === 'api/main.ts') await untilReady(url);
}

async function startJob(tenant: TestTenant, job: object): Promise<void> {
  const started = await tenant.admin('POST', '/jobs', job);
  assert.equal(started.status, 201, started.text);
}

/** As an administrator does it who brings everybody along. */
async function editScope(tenant: TestTenant, target: string, title: string): Promise<void> {
  const edit = await targetEdit(tenant, target, { scope: { User: scopeOf(title) } });
  const edits = { targets: [{ identityProvider: tenant.identityProvider, target, edit }] };
  const { body } = await tenant.admin('POST', '/policy-preview', edits);
  const confirmed = await tenant.admin('POST', '/policy-edits', edits, { 'if-match': `W/"${body['from']}"` });
  assert.equal(confirmed.status, 201, confirmed.text);
}

/** A client that asks again with the same key until it has an answer. */
async function asking(
  tenant: TestTenant,
  method: string,
  path: string,
  body?: object,
  key: string = randomUUID(),
): Promise<Answer> {
  const deadline = Date.now() + 240_000;
  for (;;) {
    const answer = await tenant.scim(method, path, body, { 'idempotency-key': key }).catch(() => undefined);
    if (answer !== undefined && answer.status < 500 && answer.status !== 429) return answer;
    if (Date.now() > deadline)
      throw new Error(
        `${method} ${path} has no answer: ${answer?.status} ${answer?.text} ${await historyOf(tenant, path)}`,
      );
    await pause(Math.max(50, Number(answer?.headers.get('retry-after') ?? 0) * 1_000));
  }
}

/** What the workflow of a resource has lately been through: why nobody gets an answer of it. */
async function historyOf(tenant: TestTenant, path: string): Promise<string> {
  const [, endpoint = '', id = ''] = path.split(/[/?]/);
  const connection = await Connection.connect({ address: env['TEMPORAL_ADDRESS'] ?? '' });
  try {
    const temporal = new Client({ connection });
    const handle = temporal.workflow.getHandle(`${endpoint.slice(0, -1).toLowerCase()}/${tenant.id}/${id}`);
    const [{ raw }, { events }] = await Promise.all([handle.describe(), handle.fetchHistory()]);
    const lately = (events ?? [])
      .slice(-12)
      .map(({ eventId, eventType, workflowTaskFailedEventAttributes: failed }) => ({
        id: String(eventId),
        type: eventType,
        ...(failed?.failure ? { failure: failed.failure.message } : {}),
      }));
    return JSON.stringify({ pending: raw.pendingWorkflowTask, lately });
  } catch (error) {
    return String(error);
  } finally {
    await connection.close();
  }
}

function seedsIn(text: string | undefined): number[] | undefined {
  if (text === undefined || text === '') return undefined;
  return text.split(',').map(Number);
}
