/**
 * `node bench/policy-edit.ts [--users 10000] [--previews 5]`: how long the preview takes of an edit that touches so many
 * users, and the job that carries it out while its worker is killed once.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openLoadedSite } from './loaded-site.ts';
import { say } from './own-servers.ts';

const { values } = parseArgs({
  options: { users: { type: 'string', default: '10000' }, previews: { type: 'string', default: '5' } },
});
const [users, previews] = [Number(values.users), Number(values.previews)];
const site = await openLoadedSite('policy-edit', users);
const { ask, provider, target, held } = site;
try {
  const scopedTo = (User: string): object => ({ scope: { User } });
  await site.edit(scopedTo('resource.active == false'));
  const edit = { ...held, ...scopedTo('resource.active == true') };
  const edits = { targets: [{ identityProvider: provider, target, edit }] };

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
  console.log(await site.surroundings());
  console.log(
    `preview of an edit over ${preview?.examined} users, ${gains + changes} of them touched: ${took.map((seconds) => seconds.toFixed(2)).join(', ')} s`,
  );

  say('carrying it out');
  const begun = performance.now();
  const confirmed = await ask<{ job: { id: string } }>('POST', '/policy-edits', edits, {
    'if-match': `W/"${preview?.from}"`,
  });
  for (;;) {
    await delay(500);
    const { state, progress } = await ask<{ state: string; progress: object }>('GET', `/jobs/${confirmed.job.id}`);
    const arrived = await site.arrivedKillingOnce();
    if (state === 'running') continue;
    const seconds = (performance.now() - begun) / 1000;
    console.log(
      `the job that brings them along, its worker killed ${site.killed()}: ${state} after ${seconds.toFixed(0)} s, ${JSON.stringify(progress)}, ${arrived} accounts`,
    );
    break;
  }
} finally {
  await site.stop();
}
