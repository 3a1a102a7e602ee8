import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { inFlight, median, percentile, perSecond, type Run } from '../in-flight.ts';
import { userBody } from '../load-users.ts';
import { type StartedProcess, startProcess } from '../process/start-process.ts';
import { atLeast, atMost, ms, type Row, rate, shown } from '../report-row.ts';
import type { Setting } from '../setting.ts';
import { openSite, type Site } from '../site.ts';

/** Until the programs are compiled: a server that has just begun is not what anybody runs. */
const WARM_UP = { count: 600, concurrency: 16 };
const ALONE = { count: 100, concurrency: 1 };
const TOGETHER = { count: 400, concurrency: 32 };
const TOKEN = 'bench-sandbox';
const ARRIVAL_DEADLINE_MS = 120_000;

interface Sandbox {
  readonly url: string;
}

/** (a) Creates with one target against no-op workflows on the same Temporal server, in turn. */
export async function measureChanges(setting: Setting): Promise<Row[]> {
  const sandbox = await startProcess<Sandbox>('process/sandbox.ts', { token: TOKEN });
  const bare = await openNoOp(setting);
  const site = await openSite({
    ...setting,
    name: 'changes',
    withWorker: true,
    sandbox: { url: sandbox.facts.url, token: TOKEN },
  });
  const target = arrivalsAt(sandbox);
  try {
    const create = creator(site);
    const settled = settledAt(site);
    await Promise.all([inFlight(WARM_UP, bare.run), inFlight(WARM_UP, create)]);
    await target.arrived(create.count());

    const alone = { bare: [] as Run[], provost: [] as Run[], pressed: [] as Run[] };
    const together = { bare: [] as Run[], acknowledged: [] as Run[], arrivedPerSecond: [] as number[] };
    for (let round = 1; round <= setting.rounds; round += 1) {
      setting.say(`changes, round ${round} of ${setting.rounds}`);
      alone.bare.push(await inFlight(ALONE, bare.run, rest));
      alone.provost.push(await inFlight(ALONE, create, settled));
      alone.pressed.push(await inFlight(ALONE, create));
      await target.arrived(create.count());
      together.bare.push(await inFlight(TOGETHER, bare.run));
      const begun = performance.now();
      together.acknowledged.push(await inFlight(TOGETHER, create));
      await target.arrived(create.count());
      together.arrivedPerSecond.push(TOGETHER.count / ((performance.now() - begun) / 1000));
    }
    return rowsOf(alone, together);
  } finally {
    await site.stop();
    await bare.stop();
    await sandbox.stop();
  }
}

function rowsOf(
  alone: { bare: Run[]; provost: Run[]; pressed: Run[] },
  together: { bare: Run[]; acknowledged: Run[]; arrivedPerSecond: number[] },
): Row[] {
  const at = (runs: Run[], share: number): number => median(runs.map((run) => percentile(run, share)));
  const quantiles = (runs: Run[]): string => `p50 ${ms(at(runs, 0.5))}, p99 ${ms(at(runs, 0.99))}`;
  const ratioOf = (left: readonly number[], right: readonly number[]): number =>
    median(left.map((value, round) => value / (right[round] ?? Number.NaN)));
  const p50s = (runs: Run[]): number[] => runs.map((run) => percentile(run, 0.5));
  return [
    atMost(1.6, {
      measure: 'create with one target, acknowledged, one change at a time (no-op workflow: its full run)',
      provost: quantiles(alone.provost),
      compared: quantiles(alone.bare),
      ratio: ratioOf(p50s(alone.provost), p50s(alone.bare)),
    }),
    shown({
      measure: 'the same, the next one sent as soon as one is acknowledged, while its target is still being told',
      provost: quantiles(alone.pressed),
      compared: quantiles(alone.bare),
      ratio: ratioOf(p50s(alone.pressed), p50s(alone.bare)).toFixed(2),
    }),
    shown({
      measure: 'the same, 32 at a time',
      provost: quantiles(together.acknowledged),
      compared: quantiles(together.bare),
      ratio: ratioOf(p50s(together.acknowledged), p50s(together.bare)).toFixed(2),
    }),
    atLeast(0.4, {
      measure: 'creates that arrived at the target, 32 at a time (no-op workflows)',
      provost: rate(median(together.arrivedPerSecond)),
      compared: rate(median(together.bare.map(perSecond))),
      ratio: ratioOf(together.arrivedPerSecond, together.bare.map(perSecond)),
    }),
  ];
}

/** Creates one user a call, each under a name of its own. */
function creator(site: Site) {
  let made = 0;
  const create = async (): Promise<string> => {
    made += 1;
    const { headers } = await site.request('POST', '/scim/v2/Users', userBody(`new.person.${made}@example.com`, made));
    return String(headers['provost-change']);
  };
  return Object.assign(create, { count: () => made });
}

/** Waits until a change has settled everywhere, and a moment more, so that its workflow has ended too. */
const settledAt =
  ({ mongo }: Site) =>
  async (change: string): Promise<void> => {
    const deadline = performance.now() + ARRIVAL_DEADLINE_MS;
    const state = async (): Promise<unknown> =>
      (await mongo.collection('changes').findOne({ _id: change as never }, { projection: { state: 1 } }))?.['state'];
    for (let seen = await state(); seen !== 'settled'; seen = await state()) {
      if (performance.now() > deadline) throw new Error(`change ${change} is ${seen}`);
      await delay(10);
    }
    await rest();
  };

const rest = (): Promise<void> => delay(20);

async function openNoOp({ temporalAddress: address }: Setting) {
  const taskQueue = `bench-no-op-${randomUUID().slice(0, 8)}`;
  const worker = await startProcess('bare/no-op-worker.ts', { address, taskQueue });
  const connection = await Connection.connect({ address });
  const { workflow } = new Client({ connection });
  return {
    run: () => workflow.execute('noOp', { taskQueue, workflowId: `no-op/${randomUUID()}` }),
    async stop() {
      await connection.close();
      await worker.stop();
    },
  };
}

/** Waits for users at the target, without being one more of its clients: listing them would keep it from its work. */
const arrivalsAt = (sandbox: StartedProcess<Sandbox>) => ({
  async arrived(wanted: number): Promise<void> {
    const deadline = performance.now() + ARRIVAL_DEADLINE_MS;
    for (let seen = await sandbox.count(); seen !== wanted; seen = await sandbox.count()) {
      if (performance.now() > deadline) throw new Error(`${seen} of ${wanted} users arrived at the target`);
      await delay(20);
    }
  },
});
