import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import type { IdRange } from '../../../stores/list/id-ranges.ts';
import type { Direction } from '../../../stores/list/order.ts';
import { createPageAlongIds } from '../../../stores/list/page-along-ids.ts';

const IDS = [
  ...Array.from({ length: 3_000 }, () => randomUUID()),
  'a',
  'ffffffff',
  'zeta',
  '-',
  '00000000-0000-',
].sort();

const isIn = (id: string, range: IdRange): boolean =>
  Object.entries(range).every(([operator, bound]) =>
    operator === '$gt' ? id > bound : operator === '$gte' ? id >= bound : operator === '$lt' ? id < bound : false,
  );

/** A collection of which some are selected. */
const collection = (selects: (id: string) => boolean, onRead: () => void, direction: Direction) => {
  const sorted = IDS.filter(selects);
  if (direction === -1) sorted.reverse();
  const read = async (range: IdRange, limit: number) => {
    onRead();
    return sorted
      .filter((id) => isIn(id, range))
      .slice(0, limit)
      .map((_id) => ({ _id }));
  };
  return { sorted, read };
};

for (const direction of [1, -1] as const)
  for (const [what, selects] of [
    ['all', () => true],
    ['one in three hundred', (id: string) => IDS.indexOf(id) % 300 === 7],
    ['none', () => false],
  ] as const)
    test(`pages along the ids are the whole list in its order, ${direction === 1 ? 'up' : 'down'}, ${what} selected`, async () => {
      const { sorted, read } = collection(selects, () => undefined, direction);
      const pageAlongIds = createPageAlongIds();
      const walked: string[] = [];
      for (let after: string | undefined; ; after = walked.at(-1)) {
        const page = await pageAlongIds(
          'list',
          { direction, limit: 7, ...(after === undefined ? {} : { after }) },
          read,
        );
        walked.push(...page.map(({ _id }) => _id));
        if (page.length < 7) break;
      }
      assert.deepEqual(walked, sorted);
    });

test('once a list is known, a page is read by one range or two', async () => {
  let reads = 0;
  const { sorted, read } = collection(
    () => true,
    () => {
      reads += 1;
    },
    1,
  );
  const pageAlongIds = createPageAlongIds();
  await pageAlongIds('list', { direction: 1, limit: 100 }, read);
  reads = 0;
  for (let at = 100; at < 2_500; at += 100)
    await pageAlongIds('list', { direction: 1, limit: 100, after: sorted[at] ?? '' }, read);
  assert.ok(reads <= 48, `${reads} reads for 24 pages`);
});
