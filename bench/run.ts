/** `npm run bench`: measures Provost against what it stands on, and writes the table of docs/performance.md. */
import { join, resolve } from 'node:path';
import { measureChanges } from './measures/changes.ts';
import { measureGroups } from './measures/groups.ts';
import { measureHistory } from './measures/history.ts';
import { measureLists } from './measures/lists.ts';
import { measureReads } from './measures/reads.ts';
import { optionsFrom } from './options.ts';
import { say, startOwnServers } from './own-servers.ts';
import { openReadSite, type ReadSite } from './read-site.ts';
import type { Row } from './report-row.ts';
import type { Setting } from './setting.ts';
import { tableOf, writeBetweenMarkers } from './table.ts';

const PAGE = 'docs/performance.md';

const options = optionsFrom(process.argv.slice(2), process.env);
const { surroundings, stop, ...own } = await startOwnServers();
try {
  const rows = await measure({
    ...options,
    profile: options.profile === undefined ? undefined : resolve(options.profile),
    ...own,
    say,
  });
  const text = `${await surroundings()}\n\n${tableOf(rows)}`;
  console.log(text);
  if (options.write) writeBetweenMarkers(join(import.meta.dirname, '..', PAGE), text);
} finally {
  await stop();
}

async function measure(setting: Setting): Promise<Row[]> {
  const { only } = setting;
  const rows: Row[] = [];
  if (only.includes('changes')) rows.push(...(await measureChanges(setting)));
  if (only.includes('history')) rows.push(...(await measureHistory(setting)));
  if (only.includes('groups')) rows.push(...(await measureGroups(setting)));
  if (only.includes('reads') || only.includes('lists')) rows.push(...(await measureStored(setting)));
  return rows;
}

/** What is measured on full stores. One store for each size, all there at once, so that sizes can be asked in turn. */
async function measureStored(setting: Setting): Promise<Row[]> {
  const sites: ReadSite[] = [];
  const rows: Row[] = [];
  try {
    for (const users of setting.users) sites.push(await openReadSite(setting, users));
    if (setting.only.includes('reads')) rows.push(...(await measureReads(setting, sites)));
    if (setting.only.includes('lists')) rows.push(...(await measureLists(setting, sites)));
    return rows;
  } finally {
    for (const site of sites) await site.stop();
  }
}
