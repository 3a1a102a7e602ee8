import { Pool } from 'undici';
import { loadUsers } from './load-users.ts';
import { startProcess } from './process/start-process.ts';
import type { Setting } from './setting.ts';
import { openSite, sender } from './site.ts';

export type ReadSite = Awaited<ReturnType<typeof openReadSite>>;

/** A store with this many users, with the API before it and, beside the API, a bare server on the same documents. */
export async function openReadSite(setting: Setting, users: number, withWorker = false) {
  const site = await openSite({ ...setting, name: `users-${users}`, withWorker });
  try {
    setting.say(`loading ${users} users`);
    await loadUsers(site.mongo, site.tenant, users);
    const bare = await startProcess<{ url: string }>('bare/read-server.ts', { uri: site.uri, tenant: site.tenant });
    const pool = new Pool(bare.facts.url, { connections: 64, pipelining: 1 });
    return {
      ...site,
      users,
      bare: sender(pool),
      async stop() {
        await pool.close();
        await bare.stop();
        await site.stop();
      },
    };
  } catch (error) {
    await site.stop();
    throw error;
  }
}
