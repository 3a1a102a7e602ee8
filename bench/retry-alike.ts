/**
 * `node bench/retry-alike.ts [--users 10000]`: a target refuses so many users, each of whom is parked; then it is mended, and
 * one order tries all of them again while the worker is killed once.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openLoadedSite } from './loaded-site.ts';
import { say } from './own-servers.ts';

const { values } = parseArgs({ options: { users: { type: 'string', default: '10000' } } });
const users = Number(values.users);

const NOBODY = {
  schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
  totalResults: 0,
  Resources: [],
};
const REFUSAL = {
  schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
  status: '400',
  scimType: 'invalidValue',
  detail: 'Closed for inventory.',
};

/** Holds nobody, and takes nobody. */
const refusing = createServer((request, response) => {
  request.resume();
  const [status, body] = request.method === 'GET' ? ([200, NOBODY] as const) : ([400, REFUSAL] as const);
  response.writeHead(status, { 'content-type': 'application/scim+json' });
  response.end(JSON.stringify(body));
});
refusing.listen(0, '127.0.0.1');
await once(refusing, 'listening');

interface Job {
  readonly state: string;
  readonly touched: number;
  readonly progress: { readonly parked: number; readonly confirmed: number };
}
const site = await openLoadedSite('retry-alike', users);
const { ask } = site;
try {
  await site.edit({
    onFailure: 'park',
    settings: site.settings(`http://127.0.0.1:${(refusing.address() as AddressInfo).port}/scim/v2`),
  });
  await delay(6_000);
  say('sending them to a target that refuses each');
  const parking = await ask<{ id: string }>('POST', '/jobs', { kind: 'resync-target', target: site.target });
  for (let told = 0; ; ) {
    const { state, progress } = await jobOf(parking.id);
    if (progress.parked >= users && state !== 'running') break;
    if (progress.parked >= told + 1_000) {
      told = progress.parked;
      say(`${told} parked`);
    }
    await delay(500);
  }

  await site.edit({ onFailure: 'park', settings: site.settings(site.sandboxUrl) });
  // Workers read where a target is as often as the policy is cached.
  await delay(6_000);
  const { items } = await ask<{ items: { id: string }[] }>('GET', '/changes?limit=1');
  const path = `/changes/${items[0]?.id}/retry-alike`;
  const counting = performance.now();
  const { changes } = await ask<{ changes: number }>('POST', path, { dryRun: true });
  const counted = performance.now() - counting;
  say('trying all of them again');
  const begun = performance.now();
  const { job } = await ask<{ job: string }>('POST', path, {});
  for (;;) {
    await delay(250);
    const arrived = await site.arrivedKillingOnce();
    const { state, touched } = await jobOf(job);
    if (arrived < users || state === 'running') continue;
    const seconds = (performance.now() - begun) / 1000;
    console.log(await site.surroundings());
    console.log(
      `${changes} steps parked alike were counted in ${counted.toFixed(0)} ms, and tried again, the worker killed ${site.killed()}: ${arrived} accounts after ${seconds.toFixed(0)} s, the job ${state}, ${touched} orders`,
    );
    break;
  }
} finally {
  await site.stop();
  refusing.close();
}

function jobOf(id: string): Promise<Job> {
  return ask<Job>('GET', `/jobs/${id}`);
}
