import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { loadConfig } from '../../platform/config.ts';
import { connectMongo } from '../../stores/connect.ts';
import { bundleWorkflows } from '../../worker/bundle-workflows.ts';
import type { Behaviour } from '../connectors/faulty-target.ts';
import { until } from '../until.ts';
import { ownEnvironment } from './environment.ts';
import { freePort, type OwnProcess, seeded, startProcess, untilReady } from './processes.ts';
import { type FaultySandbox, startFaultySandbox } from './sandbox.ts';
import { type Answer, newTenant, replacing, type TestTenant } from './tenant.ts';

const USERS = 100;
/** A create and four updates of each. */
const CHANGES_EACH = 5;

let folder: string;
let bundle: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provost-chaos-'));
  bundle = join(folder, 'workflows.js');
  await writeFile(bundle, (await bundleWorkflows()).code);
});
after(() => rm(folder, { recursive: true, force: true }));

test('no answered change is lost, doubled or out of order while workers are killed and the target fails at random', (context) =>
  survive(context, { seed: 1, killed: 'worker/main.ts' }));

test('nor while APIs are killed and clients ask again with their keys', (context) =>
  survive(context, { seed: 2, killed: 'api/main.ts' }));

interface Trial {
  readonly seed: number;
  readonly killed: 'worker/main.ts' | 'api/main.ts';
}

async function survive(context: { diagnostic(message: string): void }, { seed, killed }: Trial): Promise<void> {
  const random = seeded(seed);
  const port = await freePort();
  const healthPort = await freePort();
  const env = ownEnvironment({
    PROVOST_API_PORT: String(port),
    PROVOST_WORKER_METRICS_PORT: String(healthPort),
    PROVOST_WORKFLOW_BUNDLE: bundle,
  });
  const url = `http://127.0.0.1:${port}`;
  const health = `http://127.0.0.1:${healthPort}`;
  const mongo = await connectMongo(loadConfig(env).mongo);
  const sandbox = await startFaultySandbox();
  const running = new Map<Trial['killed'], OwnProcess>();
  const start = (file: Trial['killed']): void => void running.set(file, startProcess(file, env));
  const stopped = new AbortController();
  const progress = { answered: 0 };
  try {
    start('api/main.ts');
    await untilReady(url);
    start('worker/main.ts');
    const tenant = await newTenant(url, {
      // Neither everybody's retries together nor a quarantine must be what the test waits for.
      targets: [
        { ...sandbox.wish, concurrency: 20, settings: { requestTimeoutMs: 1_000 }, retry: RETRY, breaker: BREAKER },
      ],
    });
    const creates: string[] = [];
    sandbox.fail(({ method, body }) => {
      const behaviour = misfortune(random);
      const takesEffect = behaviour === undefined || behaviour.kind.startsWith('pass');
      if (method === 'POST' && takesEffect) creates.push(String((JSON.parse(body) as { userName: string }).userName));
      return behaviour;
    });
    const started = performance.now();
    const terror = killAgainAndAgain(killed);
    const answers = await everybody(tenant, random, progress);
    stopped.abort();
    const kills = await terror;
    sandbox.heal();
    await checked(tenant, sandbox, answers);
    assert.deepEqual([...creates].sort(), [...new Set(creates)].sort(), 'no create reached the target again');
    context.diagnostic(
      `${answers.flat().length} changes answered, ${kills} kills, ${sandbox.received.length} calls to the target, ${Math.round((performance.now() - started) / 1000)} s`,
    );
    assert.ok(kills >= 3, `only ${kills} kills`);
  } finally {
    stopped.abort();
    await Promise.all([...running.values()].map((each) => each.kill()));
    await mongo.dropDatabase();
    await mongo.close();
    await sandbox.stop();
  }

  async function killAgainAndAgain(file: Trial['killed']): Promise<number> {
    let kills = 0;
    while (!stopped.signal.aborted) {
      await untilReady(file === 'api/main.ts' ? url : health);
      await pause(1_000 + random() * 2_000, undefined, { signal: stopped.signal }).catch(() => undefined);
      // On a slow machine a process that is killed before it has done anything shows nothing.
      const goal = progress.answered + 5 + random() * 10;
      await until(
        `${goal} answers`,
        () => progress.answered,
        (answered) => answered >= goal || stopped.signal.aborted,
        180_000,
      );
      if (stopped.signal.aborted) break;
      await running.get(file)?.kill();
      kills += 1;
      start(file);
    }
    return kills;
  }
}

const RETRY = { initialIntervalMs: 20, maximumIntervalMs: 500, giveUpAfterMs: 600_000, heartbeatTimeoutMs: 1_000 };

/** With four in ten calls failing, ten in a row are nothing unheard of. */
const BREAKER = { failures: 10, probeAfterMs: 500, longestProbeMs: 1_000 };

/** Four in ten calls fail, in each way that there is; some after having taken effect. */
function misfortune(random: () => number): Behaviour | undefined {
  const fate = random();
  if (fate < 0.08) return { kind: 'answer', status: 500 };
  if (fate < 0.14) return { kind: 'answer', status: 429, headers: { 'retry-after': '1' } };
  if (fate < 0.2) return { kind: 'drop' };
  if (fate < 0.26) return { kind: 'pass-then-drop' };
  if (fate < 0.32) return { kind: 'pass-then-answer', status: 500 };
  if (fate < 0.37) return { kind: 'pass-then-cut' };
  if (fate < 0.4) return { kind: 'pass-then-hang' };
  return undefined;
}

/** Each user has a client of its own, which sends one change after another; 20 of them at a time. */
async function everybody(
  tenant: TestTenant,
  random: () => number,
  progress: { answered: number },
): Promise<Answer[][]> {
  const all: Answer[][] = [];
  const users = Array.from({ length: USERS }, (_, index) => index);
  const clients = Array.from({ length: 20 }, async () => {
    for (let user = users.shift(); user !== undefined; user = users.shift()) {
      const name = `u${user}`;
      const created = await insist(tenant, 'POST', '/Users', { userName: name, title: `${name} 0` }, `${name}-0`);
      assert.equal(created.status, 201, created.text);
      progress.answered += 1;
      const answers = [created];
      for (let change = 1; change < CHANGES_EACH; change += 1) {
        await pause(random() * 200);
        const path = `/Users/${created.body['id']}`;
        const answer = await insist(
          tenant,
          'PATCH',
          path,
          replacing('title', `${name} ${change}`),
          `${name}-${change}`,
        );
        assert.equal(answer.status, 200, answer.text);
        assert.equal(answer.body['title'], `${name} ${change}`);
        assert.equal(answer.headers.get('etag'), `W/"${change + 1}"`, 'each change is done once');
        progress.answered += 1;
        answers.push(answer);
      }
      all.push(answers);
    }
  });
  await Promise.all(clients);
  return all;
}

/** Sends the same request with the same key until it is answered. */
async function insist(tenant: TestTenant, method: string, path: string, body: object, key: string): Promise<Answer> {
  return until(
    `an answer to ${key}`,
    () =>
      tenant
        .scim(method, path, body, { 'idempotency-key': key })
        .catch((error: unknown) => ({ status: 599, headers: new Headers(), text: String(error), body: {} })),
    ({ status }) => status < 500,
    180_000,
  );
}

async function checked(tenant: TestTenant, sandbox: FaultySandbox, answers: readonly Answer[][]): Promise<void> {
  const count = async (state: string): Promise<number> => {
    let found = 0;
    for (let cursor: unknown = ''; cursor !== undefined; ) {
      const query = `state=${state}&limit=200${cursor === '' ? '' : `&cursor=${cursor}`}`;
      const { body } = await tenant.admin('GET', `/changes?${query}`);
      found += (body['items'] as unknown[]).length;
      cursor = body['next'];
    }
    return found;
  };
  await until(
    'all settled',
    () => count('settled'),
    (settled) => settled === USERS * CHANGES_EACH,
    60_000,
  ).catch(async (error: unknown) => {
    const { text } = await tenant.admin('GET', '/attention');
    throw new Error(`${error instanceof Error ? error.message : String(error)}; what needs attention: ${text}`);
  });
  const accounts = await sandbox.accounts('u');
  assert.equal(accounts.length, USERS, 'one account each');
  const titles = new Map(accounts.map((account) => [account.userName, account['title']]));
  for (const [created] of answers) {
    const name = String(created?.body['userName']);
    assert.equal(titles.get(name), `${name} ${CHANGES_EACH - 1}`, 'the last answered value');
    const read = await tenant.scim('GET', `/Users/${created?.body['id']}`);
    assert.deepEqual(
      [read.body['title'], read.headers.get('etag')],
      [`${name} ${CHANGES_EACH - 1}`, `W/"${CHANGES_EACH}"`],
    );
  }
  assert.equal(answers.length, USERS);
}
