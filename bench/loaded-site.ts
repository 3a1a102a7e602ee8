import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServices } from '../dev/services/start-services.ts';
import { SEARCH_ATTRIBUTE_TYPES } from '../workflows/search-attributes.ts';
import { describeSurroundings } from './describe-surroundings.ts';
import { loadUsers } from './load-users.ts';
import { startProcess } from './process/start-process.ts';
import { openSite } from './site.ts';

const TOKEN = 'bench-sandbox';

/** A site with a worker, on servers of its own, with users in the store whom its one target does not know. */
export async function openLoadedSite(name: string, users: number) {
  const say = (message: string): void => console.error(message);
  const dataDir = mkdtempSync(join(tmpdir(), 'provost-bench-'));
  const services = await startServices({
    dataDir,
    ports: { temporal: 0, mongodb: 0 },
    searchAttributes: SEARCH_ATTRIBUTE_TYPES,
    onProgress: say,
  });
  const sandbox = await startProcess<{ url: string }>('process/sandbox.ts', { token: TOKEN });
  const site = await openSite({
    name,
    dataDir,
    ...services,
    withWorker: true,
    sandbox: { url: sandbox.facts.url, token: TOKEN },
    profile: undefined,
  });
  const tenant = `/admin/v1/tenants/${site.tenant}`;
  const ask = async <Answer>(
    method: 'GET' | 'POST' | 'PUT',
    path: string,
    body?: object,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer> => JSON.parse((await site.admin(method, `${tenant}${path}`, body, headers)).text) as Answer;
  const provider = (await ask<{ items: { id: string }[] }>('GET', '/identity-providers')).items[0]?.id ?? '';
  const targets = `/identity-providers/${provider}/targets`;
  const target = (await ask<{ items: { id: string }[] }>('GET', targets)).items[0]?.id ?? '';
  const { id: _id, ...held } = await ask<{ id: string }>('GET', `${targets}/${target}`);

  say(`loading ${users} users, whom the target does not know`);
  await loadUsers(site.mongo, site.tenant, users);
  // Nobody in particular made them: they go where the resident service provider's changes go.
  const { items } = await ask<{ items: { id: string; resident: boolean }[] }>('GET', '/service-providers');
  const resident = items.find((each) => each.resident);
  if (resident === undefined) throw new Error('the tenant has no resident service provider');
  const { id: own, resident: _resident, ...settings } = resident;
  await ask('PUT', `/service-providers/${own}`, { ...settings, outbound: [provider] });

  return {
    say,
    ask,
    provider,
    target,
    /** The target as it was at first, for what replaces it. */
    held,
    edit: (fields: object) => ask('PUT', `${targets}/${target}`, { ...held, ...fields }),
    settings: (baseUrl: string): object => ({ baseUrl, authentication: { kind: 'bearer', token: TOKEN } }),
    sandboxUrl: sandbox.facts.url,
    /** How many users the target holds. */
    arrived: () => sandbox.count(),
    killWorker: () => site.killWorker(),
    surroundings: () => describeSurroundings(services),
    async stop(): Promise<void> {
      await site.stop();
      await sandbox.stop();
      await services.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
