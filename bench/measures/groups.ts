import { asChangeId, asResourceId, asTenantId } from '../../domain/ids.ts';
import { createMembershipStore } from '../../stores/memberships.ts';
import { inFlight, median, percentile, type Run } from '../in-flight.ts';
import { loadUsers, userId } from '../load-users.ts';
import { atMost, ms, type Row } from '../report-row.ts';
import type { Setting } from '../setting.ts';
import { openSite, type Site } from '../site.ts';

const ADDED = 50;
const BATCH = 2_000;
const LOAD = { count: 12, concurrency: 1 };
/** Groups of these sizes are compared; both grow by the same few hundred members meanwhile. */
const SMALL = 100;
const LARGE = 100_000;
/** Members that a group has from the beginning, as edges alone: what a change costs does not depend on who they are. */
const firstMember = (index: number): string => userId(10_000_000 + index);

/** (e) What adding members costs in a large group against a small one: PATCH until it is acknowledged, nothing outbound. */
export async function measureGroups(setting: Setting): Promise<Row[]> {
  const site = await openSite({ ...setting, name: 'groups', withWorker: true, persistOnly: true });
  try {
    const rounds = setting.rounds + 1;
    await loadUsers(site.mongo, site.tenant, ADDED * LOAD.count * rounds);
    const groups = [];
    for (const size of [SMALL, LARGE]) {
      setting.say(`making a group of ${size}`);
      groups.push({ size, id: await makeGroup(site, size), runs: [] as Run[] });
    }
    for (let round = 0; round < rounds; round += 1) {
      setting.say(`groups, round ${round} of ${setting.rounds} (0 warms up)`);
      for (const { id, runs } of groups) {
        const run = await inFlight(LOAD, (index) => addMembers(site, id, (round * LOAD.count + index) * ADDED));
        if (round > 0) runs.push(run);
      }
    }
    const [small, large] = groups.map(({ runs }) => median(runs.map((run) => percentile(run, 0.5))));
    if (small === undefined || large === undefined) return [];
    return [
      atMost(1.3, {
        measure: `${ADDED} members added to a group of ${LARGE} against one of ${SMALL}, p50`,
        provost: ms(large),
        compared: ms(small),
        ratio: large / small,
      }),
    ];
  } finally {
    await site.stop();
  }
}

async function makeGroup(site: Site, size: number): Promise<string> {
  const created = await site.request('POST', '/scim/v2/Groups', {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
    displayName: `Group of ${size}`,
  });
  const { id } = JSON.parse(created.text) as { id: string };
  await createMembershipStore(site.mongo).replace(
    { tenant: asTenantId(site.tenant), group: asResourceId(id), change: asChangeId(`load-${id}`), version: 1 },
    [{ id: asResourceId(firstMember(0)), type: 'User' }],
  );
  await repeatEdge(site, id, size);
  return id;
}

/** As Entra does it: the members are not wanted back. */
const addMembers = (site: Site, group: string, from: number): Promise<unknown> =>
  site.request('PATCH', `/scim/v2/Groups/${group}?excludedAttributes=members`, {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: [
      {
        op: 'add',
        path: 'members',
        value: Array.from({ length: ADDED }, (_, index) => ({ value: userId(from + index) })),
      },
    ],
  });

/** Fills a group past the workflow, in the form that the store gave its one membership. */
async function repeatEdge({ mongo }: Site, group: string, size: number): Promise<void> {
  const edges = mongo.collection('memberships');
  const first = await edges.findOne({ group });
  if (first === null) throw new Error('the store keeps memberships in another way than they are loaded here');
  const edgeOf = (index: number): object =>
    Object.fromEntries(
      Object.entries(first).map(([name, value]: [string, unknown]) => [
        name,
        typeof value === 'string' ? value.replaceAll(firstMember(0), firstMember(index)) : value,
      ]),
    );
  for (let from = 1; from < size; from += BATCH) {
    const indexes = Array.from({ length: Math.min(BATCH, size - from) }, (_, offset) => from + offset);
    await edges.insertMany(indexes.map(edgeOf), { ordered: false });
  }
}
