import { inFlight, median, percentile, type Run } from '../in-flight.ts';
import { email, lastModified, userName } from '../load-users.ts';
import type { ReadSite } from '../read-site.ts';
import { atMost, ms, type Row } from '../report-row.ts';
import type { Setting } from '../setting.ts';
import { spread } from './reads.ts';

const LOAD = { count: 60, concurrency: 1 };
const PAGE = 100;

interface List {
  readonly name: string;
  /** @returns path and query of request `index` */
  prepare(site: ReadSite): Promise<(index: number) => string>;
}

const users = (query: Readonly<Record<string, string>>): string => `/scim/v2/Users?${new URLSearchParams(query)}`;
const filtered = (name: string, filter: (user: number) => string, count?: number): List => ({
  name,
  prepare: async () => (user) =>
    users({ filter: filter(user), ...(count === undefined ? {} : { count: String(count) }) }),
});

const LISTS: readonly List[] = [
  filtered('`userName eq`', (user) => `userName eq "${userName(user)}"`),
  filtered('`emails.value eq`', (user) => `emails.value eq "${email(user)}"`),
  {
    name: `\`meta.lastModified gt\`, the last ${PAGE} changed, page of ${PAGE}`,
    prepare:
      async ({ users: size }) =>
      (user) =>
        users({ filter: `meta.lastModified gt "${lastModified(size - PAGE - 1 - (user % 50))}"`, count: String(PAGE) }),
  },
  {
    name: `\`meta.lastModified gt\`, half of all changed, page of ${PAGE}`,
    prepare:
      async ({ users: size }) =>
      (user) =>
        users({
          filter: `meta.lastModified gt "${lastModified(Math.floor(size / 2) + (user % 50))}"`,
          count: String(PAGE),
        }),
  },
  {
    name: `cursor, first page of ${PAGE}`,
    prepare: async () => () => users({ cursor: '', count: String(PAGE) }),
  },
  {
    name: `cursor, page of ${PAGE} nine tenths into the list`,
    prepare: async (site) => {
      const cursor = await cursorAt(site, Math.floor(site.users * 0.9));
      return () => users({ cursor, count: String(PAGE) });
    },
  },
];

/** (d) How lists and filters grow with the store: p50 at the largest size against the smallest, sizes in turn. */
export async function measureLists(setting: Setting, sites: readonly ReadSite[]): Promise<Row[]> {
  const [least, most] = [sites[0], sites.at(-1)];
  if (least === undefined || most === undefined) return [];
  const rows: Row[] = [];
  for (const list of LISTS) {
    setting.say(`lists: ${list.name}`);
    const small = { site: least, path: await list.prepare(least), runs: [] as Run[] };
    const large = { site: most, path: await list.prepare(most), runs: [] as Run[] };
    for (let round = 0; round <= setting.rounds; round += 1) {
      for (const { site, path, runs } of [small, large]) {
        const at = spread(site.users, round);
        const run = await inFlight(LOAD, (index) => site.request('GET', path(at(index))));
        if (round > 0) runs.push(run);
      }
    }
    const p50s = (runs: readonly Run[]): number[] => runs.map((run) => percentile(run, 0.5));
    rows.push(
      atMost(1.3, {
        measure: `${list.name}: p50 with ${most.users} users against ${least.users}`,
        provost: ms(median(p50s(large.runs))),
        compared: ms(median(p50s(small.runs))),
        ratio: median(p50s(large.runs)) / median(p50s(small.runs)),
      }),
    );
  }
  return rows;
}

/** Walks to a place in the list, by the largest pages. */
async function cursorAt(site: ReadSite, place: number): Promise<string> {
  let cursor = '';
  for (let passed = 0; passed < place; ) {
    const { text } = await site.request(
      'GET',
      users({ cursor, count: String(Math.min(1_000, place - passed)), attributes: 'id' }),
    );
    const page = JSON.parse(text) as { itemsPerPage: number; nextCursor?: string };
    if (page.nextCursor === undefined) throw new Error(`the list ended after ${passed + page.itemsPerPage} users`);
    cursor = page.nextCursor;
    passed += page.itemsPerPage;
  }
  return cursor;
}
