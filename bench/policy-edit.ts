/**
 * `node bench/policy-edit.ts [--users 10000] [--previews 5]`: how long the preview takes of an edit that touches so many
 * users, and the job that carries it out while its worker is killed once.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startServices } from '../dev/services/start-services.ts';
import { SEARCH_ATTRIBUTE_TYPES } from '../workflows/search-attributes.ts';
import { describeSurroundings } from './describe-surroundings.ts';
import { loadUsers } from './load-users.ts';
import { startProcess } from './process/start-process.ts';
import { openSite } from './site.ts';

const { values } = parseArgs({
  options: { users: { type: 'string', default: '10000' }, previews: { type: 'string', default: '5' } },
});
const [users, previews] = [Number(values.users), Number(values.previews)];
const say = (message: string): void => console.error(message);
const dataDir = mkdtempSync(join(tmpdir(), 'provost-bench-'));
const services = await startServices({
  dataDir,
  ports: { temporal: 0, mongodb: 0 },
  searchAttributes: SEARCH_ATTRIBUTE_TYPES,
  onProgress: say,
});
const token = 'bench-sandbox';
const sandbox = await startProcess<{ url: string }>('process/sandbox.ts', { token });
const site = await openSite({
  name: 'policy-edit',
  dataDir,
  ...services,
  withWorker: true,
  sandbox: { url: sandbox.facts.url, token },
  profile: undefined,
});
try {
  const ask = async <Answer>(
    method: 'GET' | 'POST',
    path: string,
    body?: object,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer> =>
    JSON.parse((await site.admin(method, `/admin/v1/tenants/${site.tenant}${path}`, body, headers)).text) as Answer;
  const provider = (await ask<{ items: { id: string }[] }>('GET', '/identity-providers')).items[0]?.id ?? '';
  const path = `/identity-providers/${provider}/targets`;
  const id = (await ask<{ items: { id: string }[] }>('GET', path)).items[0]?.id ?? '';

  say(`loading ${users} users, whom the target does not know`);
  await loadUsers(site.mongo, site.tenant, users);
  // Nobody in particular made them: they go where the resident service provider's changes go.
  const { items } = await ask<{ items: { id: string; resident: boolean }[] }>('GET', '/service-providers');
  const {
    id: own,
    resident: _resident,
    ...resident
  } = items.find((each) => each.resident) ?? { id: '', resident: true };
  await site.admin('PUT', `/admin/v1/tenants/${site.tenant}/service-providers/${own}`, {
    ...resident,
    outbound: [provider],
  });
  const { id: _id, ...held } = await ask<{ id: string }>('GET', `${path}/${id}`);
  const scopedTo = (User: string): object => ({ ...held, scope: { User } });
  await site.admin('PUT', `/admin/v1/tenants/${site.tenant}${path}/${id}`, scopedTo('resource.active == false'));
  const edits = { targets: [{ identityProvider: provider, target: id, edit: scopedTo('resource.active == true') }] };

  say('previewing');
  interface Preview {
    readonly from: number;
    readonly examined: number;
    readonly targets: readonly { readonly gains: number; readonly changes: number }[];
  }
  const took: number[] = [];
  let preview: Preview | undefined;
  for (let index = 0; index < previews; index += 1) {
    const begun = performance.now();
    preview = await ask<Preview>('POST', '/policy-preview', edits);
    took.push((performance.now() - begun) / 1000);
  }
  const { gains, changes } = preview?.targets[0] ?? { gains: 0, changes: 0 };
  console.log(await describeSurroundings(services));
  console.log(
    `preview of an edit over ${preview?.examined} users, ${gains + changes} of them touched: ${took.map((seconds) => seconds.toFixed(2)).join(', ')} s`,
  );

  say('carrying it out');
  const begun = performance.now();
  const confirmed = await ask<{ job: { id: string } }>('POST', '/policy-edits', edits, {
    'if-match': `W/"${preview?.from}"`,
  });
  let isKilled = false;
  for (;;) {
    await delay(500);
    const { state, progress } = await ask<{ state: string; progress: object }>('GET', `/jobs/${confirmed.job.id}`);
    const arrived = await sandbox.count();
    if (!isKilled && arrived > users / 3) {
      say(`killing the worker when ${arrived} have arrived`);
      await site.killWorker();
      isKilled = true;
    }
    if (state === 'running') continue;
    const seconds = (performance.now() - begun) / 1000;
    console.log(
      `the job that brings them along, its worker killed ${isKilled ? 'once' : 'never'}: ${state} after ${seconds.toFixed(0)} s, ${JSON.stringify(progress)}, ${arrived} accounts`,
    );
    break;
  }
} finally {
  await site.stop();
  await sandbox.stop();
  await services.stop();
  rmSync(dataDir, { recursive: true, force: true });
}
