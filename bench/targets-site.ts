import { setTimeout as delay } from 'node:timers/promises';
import { userBody } from './load-users.ts';
import { say, startOwnServers } from './own-servers.ts';
import { startProcess } from './process/start-process.ts';
import { openSite } from './site.ts';

const TOKEN = 'bench-sandbox';

interface Sandbox {
  readonly url: string;
}

export type TargetsSite = Awaited<ReturnType<typeof openTargetsSite>>;

/** A site with several targets on one sandbox each, on servers of its own. What is measured is how they bear one another. */
export async function openTargetsSite(name: string, count: number, own: object) {
  const servers = await startOwnServers();
  const sandboxes = await Promise.all(
    Array.from({ length: count }, () => startProcess<Sandbox>('process/sandbox.ts', { token: TOKEN })),
  );
  const urls = sandboxes.map(({ facts }) => facts.url);
  const site = await openSite({
    name,
    ...servers,
    withWorker: true,
    sandbox: { url: urls[0] ?? '', token: TOKEN },
    profile: undefined,
  });
  const { ask } = site;
  const { path, id: first } = await site.firstTarget();
  const targets = [first];
  const settings = (baseUrl: string): object => ({ baseUrl, authentication: { kind: 'bearer', token: TOKEN } });
  for (const [index, url] of urls.slice(1).entries()) {
    const wanted = { name: `Sandbox ${index + 2}`, connector: 'scim2', settings: settings(url) };
    targets.push((await ask<{ id: string }>('POST', path, wanted)).id);
  }

  /** Changes fields of a target. */
  async function edit(target: string, fields: object): Promise<void> {
    const { id: _id, ...held } = await ask<{ id: string }>('GET', `${path}/${target}`);
    await ask('PUT', `${path}/${target}`, { ...held, ...fields });
  }
  for (const target of targets) await edit(target, own);
  // Workers look for new targets once a second.
  await delay(3_000);

  let made = 0;
  return {
    say,
    surroundings: servers.surroundings,
    targets,
    urls,
    settings,
    edit,
    stateOf: (target: string) => ask<{ state: string; waitingSteps: number }>('GET', `${path}/${target}/state`),
    pause: (target: string) => ask('POST', `${path}/${target}/state/pause`, {}),
    resume: (target: string) => ask('POST', `${path}/${target}/state/resume`, {}),
    release: (target: string) => ask('POST', `${path}/${target}/state/release`, {}).catch(() => undefined),
    /** @returns the new user's id and its change's */
    async create(): Promise<{ readonly id: string; readonly change: string }> {
      made += 1;
      const answer = await site.request('POST', '/scim/v2/Users', userBody(`person.${made}@example.com`, made));
      const { id } = JSON.parse(answer.text) as { id: string };
      return { id, change: String(answer.headers['provost-change']) };
    },
    /** @returns the change's id */
    async deactivate(id: string): Promise<string> {
      const answer = await site.request('PATCH', `/scim/v2/Users/${id}`, {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
        Operations: [{ op: 'replace', path: 'active', value: false }],
      });
      return String(answer.headers['provost-change']);
    },
    change: (id: string) =>
      ask<{ state: string; steps: { target: string; result: string }[] }>('GET', `/changes/${id}`),
    /** How many users a target holds. */
    usersAt: (index: number): Promise<number> => sandboxes[index]?.count() ?? Promise.resolve(0),
    async stop(): Promise<void> {
      await site.stop();
      for (const sandbox of sandboxes) await sandbox.stop();
      await servers.stop();
    },
  };
}
