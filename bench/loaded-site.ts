import { loadUsers } from './load-users.ts';
import { say, startOwnServers } from './own-servers.ts';
import { startProcess } from './process/start-process.ts';
import { openSite } from './site.ts';

const TOKEN = 'bench-sandbox';

/** A site with a worker, on servers of its own, with users in the store whom its one target does not know. */
export async function openLoadedSite(name: string, users: number) {
  const servers = await startOwnServers();
  const sandbox = await startProcess<{ url: string }>('process/sandbox.ts', { token: TOKEN });
  const site = await openSite({
    name,
    ...servers,
    withWorker: true,
    sandbox: { url: sandbox.facts.url, token: TOKEN },
    profile: undefined,
  });
  const { ask } = site;
  const { provider, path: targets, id: target } = await site.firstTarget();
  const { id: _id, ...held } = await ask<{ id: string }>('GET', `${targets}/${target}`);

  say(`loading ${users} users, whom the target does not know`);
  await loadUsers(site.mongo, site.tenant, users);
  // Nobody in particular made them: they go where the resident service provider's changes go.
  const { items } = await ask<{ items: { id: string; resident: boolean }[] }>('GET', '/service-providers');
  const resident = items.find((each) => each.resident);
  if (resident === undefined) throw new Error('the tenant has no resident service provider');
  const { id: own, resident: _resident, ...settings } = resident;
  await ask('PUT', `/service-providers/${own}`, { ...settings, outbound: [provider] });

  let isKilled = false;
  return {
    ask,
    provider,
    target,
    /** The target as it was at first, for what replaces it. */
    held,
    edit: (fields: object) => ask('PUT', `${targets}/${target}`, { ...held, ...fields }),
    settings: (baseUrl: string): object => ({ baseUrl, authentication: { kind: 'bearer', token: TOKEN } }),
    sandboxUrl: sandbox.facts.url,
    /** How many users the target holds. The worker is killed once, when it is more than a third. */
    async arrivedKillingOnce(): Promise<number> {
      const arrived = await sandbox.count();
      if (isKilled || arrived <= users / 3) return arrived;
      say(`killing the worker when ${arrived} have arrived`);
      isKilled = true;
      await site.killWorker();
      return arrived;
    },
    killed: () => (isKilled ? 'once' : 'never'),
    surroundings: servers.surroundings,
    async stop(): Promise<void> {
      await site.stop();
      await sandbox.stop();
      await servers.stop();
    },
  };
}
