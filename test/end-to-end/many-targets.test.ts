import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../until.ts';
import { startInstallation, type TestInstallation } from './installation.ts';
import { type FaultySandbox, refusal, startFaultySandbox } from './sandbox.ts';
import { inState, newTenant, QUICK_RETRY, settled, type TestTenant } from './tenant.ts';

let provost: TestInstallation;
let sandbox: FaultySandbox;
let tenants: TestTenant[];

// A worker that listens to one target all the time, and to others while they have something to do.
before(async () => {
  [provost, sandbox] = await Promise.all([
    startInstallation({ env: { PROVOST_WORKER_TARGETS: '1' } }),
    startFaultySandbox(),
  ]);
  const wish = { ...sandbox.wish, retry: QUICK_RETRY };
  tenants = [];
  for (let index = 0; index < 6; index += 1) tenants.push(await newTenant(provost.url, { targets: [wish, wish] }));
});
after(async () => {
  await provost.stop();
  await sandbox.stop();
});

const create = ({ scim }: TestTenant, userName: string) => scim('POST', '/Users', { userName, active: true });

/** Task queues of a tenant's targets that somebody listens to, as Temporal sees it. */
async function listenedTo({ id, targets }: TestTenant): Promise<number> {
  const { namespace, taskQueue } = provost.config.temporal;
  const pollers = await Promise.all(
    targets.map((target) =>
      provost.rawTemporal.connection.workflowService.describeTaskQueue({
        namespace,
        taskQueue: { name: `${taskQueue}/${id}/${target}` },
        taskQueueType: 2,
      }),
    ),
  );
  return pollers.filter((described) => (described.pollers ?? []).length > 0).length;
}

test('a target that no worker listens to is served as soon as it has something to do', async () => {
  assert.ok((await Promise.all(tenants.map(listenedTo))).filter((count) => count === 0).length >= 4, 'most are asleep');
  await Promise.all(tenants.map(async (tenant, index) => settled(tenant, await create(tenant, `woken-${index}`))));
  assert.equal((await sandbox.accounts('woken')).length, 6);
});

test('steps that were due while every worker was gone are found by the next, for a target it does not listen to', async () => {
  sandbox.fail(({ body }) => (body.includes('left') ? refusal(503, 'busy') : undefined));
  const left = await Promise.all(
    tenants.map(async (tenant, index) => {
      const created = await create(tenant, `left-${index}`);
      assert.equal(created.status, 201, created.text);
      return created.headers.get('provost-change') ?? '';
    }),
  );
  await until('each was tried', () =>
    left.every((_, index) => sandbox.received.some(({ body }) => body.includes(`left-${index}`))),
  );
  await provost.stopWorker();
  sandbox.heal();
  await provost.startWorker();
  await Promise.all(tenants.map((tenant, index) => inState(tenant, left[index] ?? '', 'settled')));
  assert.equal((await sandbox.accounts('left')).length, 6);
});
