import { inFlight, median, percentile, perSecond, type Run } from '../in-flight.ts';
import { userId, userName } from '../load-users.ts';
import type { ReadSite } from '../read-site.ts';
import { atLeast, ms, type Row, rate } from '../report-row.ts';
import type { Setting } from '../setting.ts';

const LOAD = { count: 1_500, concurrency: 8 };

interface Read {
  readonly name: string;
  provost(index: number): string;
  bare(index: number): string;
}

const filter = (text: string): string => encodeURIComponent(text);

const READS: readonly Read[] = [
  {
    name: 'GET by id',
    provost: (index) => `/scim/v2/Users/${userId(index)}`,
    bare: (index) => `/users/${userId(index)}`,
  },
  {
    name: '`userName eq`',
    provost: (index) => `/scim/v2/Users?filter=${filter(`userName eq "${userName(index)}"`)}`,
    bare: (index) => `/users?userName=${filter(userName(index))}`,
  },
];

/** (b) Reads against a bare express and driver server, both in turn, at each size in turn. */
export async function measureReads(setting: Setting, sites: readonly ReadSite[]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const read of READS) {
    const runs = sites.map((site) => ({ site, provost: [] as Run[], bare: [] as Run[] }));
    for (let round = 0; round <= setting.rounds; round += 1) {
      setting.say(`${read.name}, round ${round} of ${setting.rounds} (0 warms up)`);
      for (const { site, provost, bare } of runs) {
        const at = spread(site.users, round);
        const ofBare = await inFlight(LOAD, (index) => site.bare('GET', read.bare(at(index))));
        const ofProvost = await inFlight(LOAD, (index) => site.request('GET', read.provost(at(index))));
        if (round === 0) continue;
        bare.push(ofBare);
        provost.push(ofProvost);
      }
    }
    for (const { site, provost, bare } of runs) {
      rows.push(
        atLeast(0.7, {
          measure: `${read.name}, ${site.users} users, 8 at a time`,
          provost: inWords(provost),
          compared: inWords(bare),
          ratio: median(provost.map((run, round) => perSecond(run) / perSecond(bare[round] ?? run))),
        }),
      );
    }
    const [least, most] = [runs[0], runs.at(-1)];
    if (least === undefined || most === undefined || least === most) continue;
    rows.push(
      atLeast(0.8, {
        measure: `${read.name}, ${most.site.users} users against ${least.site.users}`,
        provost: rate(median(most.provost.map(perSecond))),
        compared: rate(median(least.provost.map(perSecond))),
        ratio: median(most.provost.map((run, round) => perSecond(run) / perSecond(least.provost[round] ?? run))),
      }),
    );
  }
  return rows;
}

const inWords = (runs: readonly Run[]): string =>
  `${rate(median(runs.map(perSecond)))}, p50 ${ms(median(runs.map((run) => percentile(run, 0.5))))}`;

/** Users from all over the store, others in each round. */
export const spread =
  (users: number, round: number) =>
  (index: number): number =>
    (index * 7_919 + round * 104_729) % users;
