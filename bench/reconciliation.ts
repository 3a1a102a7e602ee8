/**
 * `node bench/reconciliation.ts [--accounts 20000] [--linked 15000] [--changed 50]`: how long a dry run takes that compares
 * so many accounts, of which some are linked and the rest have to be matched, and what memory the worker has then.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { asResourceId, asTargetId, asTenantId } from '../domain/ids.ts';
import { createSealer } from '../platform/seal.ts';
import { createLinkStore } from '../stores/links.ts';
import { inFlight } from './in-flight.ts';
import { loadUsers, userBody, userId, userName } from './load-users.ts';
import { say, startOwnServers } from './own-servers.ts';
import { startProcess } from './process/start-process.ts';
import { openSite } from './site.ts';

const { values } = parseArgs({
  options: {
    accounts: { type: 'string', default: '20000' },
    linked: { type: 'string', default: '15000' },
    changed: { type: 'string', default: '50' },
  },
});
const [accounts, linked, changed] = [Number(values.accounts), Number(values.linked), Number(values.changed)];
const servers = await startOwnServers();
const target = await startProcess<{ url: string }>('process/plain-target.ts', { accounts, changed });
const site = await openSite({
  name: 'reconciliation',
  ...servers,
  withWorker: true,
  sandbox: { url: target.facts.url, token: 'none' },
  profile: undefined,
});
try {
  const { ask } = site;
  const { id } = await site.firstTarget();

  say(`loading ${accounts} users, ${linked} of them linked`);
  await loadUsers(site.mongo, site.tenant, accounts);
  const links = createLinkStore(site.mongo, createSealer(site.keys));
  await inFlight({ count: linked, concurrency: 16 }, (index) =>
    links.save({
      tenant: asTenantId(site.tenant),
      target: asTargetId(id),
      resourceType: 'User',
      resourceId: asResourceId(userId(index)),
      state: 'linked',
      remoteId: `account-${index}`,
      content: userBody(userName(index), index),
      contentHash: String(index),
    }),
  );

  say('comparing');
  const begun = performance.now();
  const job = await ask<{ id: string }>('POST', '/jobs', { kind: 'reconcile-target', target: id, dryRun: true });
  let most = 0;
  for (;;) {
    await delay(500);
    most = Math.max(most, await site.workerMemory());
    const { state, examined } = await ask<{ state: string; examined: number }>('GET', `/jobs/${job.id}`);
    if (state !== 'running') {
      say(`${state}, ${examined} examined`);
      break;
    }
  }
  const seconds = (performance.now() - begun) / 1000;
  const { items } = await ask<{ items: { situation: string; count: number }[] }>(
    'GET',
    `/jobs/${job.id}/findings/counts`,
  );
  console.log(await servers.surroundings());
  console.log(
    `dry run over ${accounts} accounts, ${linked} linked and ${accounts - linked} to be matched: ${seconds.toFixed(1)} s, ${Math.round(accounts / seconds)} accounts/s, worker at most ${Math.round(most / 1_048_576)} MiB; ${items.map(({ situation, count }) => `${count} ${situation}`).join(', ')}; ${await target.count()} accounts listed`,
  );
} finally {
  await site.stop();
  await target.stop();
  await servers.stop();
}
