/**
 * `node bench/dead-target.ts [--rounds 3] [--users 200]`: what one dead target among five costs the other four. Rounds with
 * five healthy targets and rounds in which the fifth takes connections and never answers, in turn.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { inFlight, median } from './in-flight.ts';
import { rate } from './report-row.ts';
import { openTargetsSite } from './targets-site.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '3' }, users: { type: 'string', default: '200' } },
});
const [rounds, users] = [Number(values.rounds), Number(values.users)];
const silent = createServer((socket) => socket.on('error', () => undefined).resume());
silent.listen(0, '127.0.0.1');
await once(silent, 'listening');
const nowhere = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/scim/v2`;

const site = await openTargetsSite('dead-target', 5, { breaker: { failures: 5, probeAfterMs: 5_000 } });
const fifth = site.targets[4] ?? '';
let created = 0;
try {
  site.say('warming up');
  await round();
  await untilAllHold(5);
  const healthy: number[] = [];
  const beside: number[] = [];
  for (let number = 1; number <= rounds; number += 1) {
    site.say(`round ${number} of ${rounds}`);
    healthy.push(await round());
    await untilAllHold(5);
    await turnTo(nowhere);
    beside.push(await round());
    await turnTo(site.urls[4] ?? '');
    await site.release(fifth);
    await untilAllHold(5);
  }
  console.log(await site.surroundings());
  const change = (median(beside) / median(healthy) - 1) * 100;
  console.log(
    `users that arrived at four healthy targets: ${rate(median(healthy))} beside a fifth healthy one (${healthy.map(rate).join(', ')}), ${rate(median(beside))} beside a dead one (${beside.map(rate).join(', ')}): ${change.toFixed(1)} %`,
  );
} finally {
  await site.stop();
  silent.close();
}

/** @returns users a second, from the first request to the last arrival at the first four targets */
async function round(): Promise<number> {
  const begun = performance.now();
  await inFlight({ count: users, concurrency: 16 }, () => site.create());
  created += users;
  await untilAllHold(4);
  return users / ((performance.now() - begun) / 1000);
}

async function untilAllHold(targets: number): Promise<void> {
  const deadline = Date.now() + 180_000;
  for (;;) {
    const held = await Promise.all(Array.from({ length: targets }, (_, index) => site.usersAt(index)));
    if (held.every((count) => count === created)) return;
    if (Date.now() > deadline) throw new Error(`${held.join(', ')} of ${created} users arrived`);
    await delay(50);
  }
}

/** Workers read where a target is as often as the policy is cached. */
async function turnTo(baseUrl: string): Promise<void> {
  await site.edit(fifth, { settings: { ...site.settings(baseUrl), requestTimeoutMs: 2_000 } });
  await delay(6_000);
}
