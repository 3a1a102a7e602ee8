/**
 * `node bench/deactivation.ts [--waiting 5000] [--deactivations 100]`: how long a deactivation takes to all of three healthy
 * targets while so many ordinary steps wait at each, and more come in.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { inFlight, percentile } from './in-flight.ts';
import { ms } from './report-row.ts';
import { openTargetsSite } from './targets-site.ts';

const { values } = parseArgs({
  options: { waiting: { type: 'string', default: '5000' }, deactivations: { type: 'string', default: '100' } },
});
const [waiting, deactivations] = [Number(values.waiting), Number(values.deactivations)];

// Thirty calls a second are what such a service allows: ordinary steps of two calls each wait for minutes.
const site = await openTargetsSite('deactivation', 3, { rateLimit: { perSecond: 30, burst: 5 }, concurrency: 10 });
try {
  site.say(`creating ${deactivations} users who will leave`);
  const leavers: { readonly id: string; readonly change: string }[] = [];
  await inFlight({ count: deactivations, concurrency: 4 }, async () => void leavers.push(await site.create()));
  for (const { change } of leavers) await untilSettled(change);

  site.say(`filling the queues of paused targets until ${waiting} steps wait at each`);
  await Promise.all(site.targets.map((target) => site.pause(target)));
  await inFlight({ count: waiting, concurrency: 16 }, () => site.create());
  await Promise.all(site.targets.map((target) => site.resume(target)));

  let isLoading = true;
  const loading = (async () => {
    // More comes in than goes out meanwhile.
    while (isLoading) await Promise.all([site.create(), site.create(), site.create(), delay(200)]);
  })();
  const counts = async (): Promise<string> =>
    (await Promise.all(site.targets.map((target) => site.stateOf(target))))
      .map(({ waitingSteps }) => waitingSteps)
      .join(', ');
  const atFirst = await counts();

  site.say('deactivating');
  const acknowledged: number[] = [];
  const confirmed: number[] = [];
  await inFlight({ count: leavers.length, concurrency: 2 }, async (index) => {
    const leaver = leavers[index];
    if (leaver === undefined) return;
    const begun = performance.now();
    const change = await site.deactivate(leaver.id);
    acknowledged.push(performance.now() - begun);
    await untilSettled(change);
    confirmed.push(performance.now() - begun);
    await delay(100);
  });
  const atLast = await counts();
  isLoading = false;
  await loading;
  const quantiles = (latencies: readonly number[]): string => {
    const run = { latencies: [...latencies].sort((left, right) => left - right) };
    return `p50 ${ms(percentile(run, 0.5))}, p99 ${ms(percentile(run, 0.99))}, longest ${ms(percentile(run, 1))}`;
  };
  console.log(await site.surroundings());
  console.log(
    `deactivation, from the request until 3 targets confirmed, ${deactivations} times, while ordinary steps waited (${atFirst} at first, ${atLast} at last): ${quantiles(confirmed)}; acknowledged: ${quantiles(acknowledged)}`,
  );
} finally {
  await site.stop();
}

async function untilSettled(change: string): Promise<void> {
  const deadline = Date.now() + 120_000;
  for (;;) {
    const { state } = await site.change(change);
    if (state === 'settled') return;
    if (Date.now() > deadline) throw new Error(`change ${change} is ${state}`);
    await delay(100);
  }
}
