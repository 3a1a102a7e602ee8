import type { MigrationContext, MigrationCounts } from './migration.ts';

const PAGE = 200;

export interface StoredDocument {
  readonly _id: string;
  readonly [field: string]: unknown;
}

export interface PageWalk {
  readonly collection: string;
  /** Only documents that it selects; everything without it. */
  readonly filter?: Readonly<Record<string, unknown>>;
  readonly projection?: Readonly<Record<string, 0 | 1>>;
}

/**
 * Goes over a collection in the order of `_id` (strings), a page at a time, from where an earlier run stopped.
 *
 * @param handle changes what has to be changed and returns counts, which are added up; it honours `isDryRun` itself
 * @returns all counts, `examined` among them
 */
export async function eachPage(
  context: MigrationContext,
  { collection, filter = {}, projection }: PageWalk,
  handle: (page: readonly StoredDocument[]) => Promise<MigrationCounts>,
): Promise<MigrationCounts> {
  const documents = context.connection.collection(collection);
  let counts: MigrationCounts = { examined: 0, ...context.counts };
  for (let after = context.resumeAfter ?? ''; ; ) {
    const page = (await documents
      .find({ $and: [{ _id: { $gt: after } }, filter] } as never, projection === undefined ? {} : { projection })
      .sort({ _id: 1 })
      .limit(PAGE)
      .toArray()) as unknown as StoredDocument[];
    if (page.length > 0) counts = addUp(addUp(counts, { examined: page.length }), await handle(page));
    const last = page.at(-1);
    if (last === undefined) return counts;
    after = last._id;
    await context.saveProgress(after, counts);
    if (page.length < PAGE) return counts;
  }
}

export function addUp(left: MigrationCounts, right: MigrationCounts): MigrationCounts {
  const sum: Record<string, number> = { ...left };
  for (const [what, count] of Object.entries(right)) sum[what] = (sum[what] ?? 0) + count;
  return sum;
}
