import type { Connection } from 'mongoose';
import type { ResourceId, TenantId } from '../../domain/ids.ts';
import { type AuditHeads, type ChainKey, createAuditHeads, type UnkeyedRange } from '../audit/heads.ts';
import { createAuditKeys } from '../audit/keys.ts';
import { createSecretStore } from '../secrets.ts';
import { eachPage } from './each-page.ts';
import { indexNames } from './index-names.ts';
import type { Migration, MigrationContext, MigrationCounts } from './migration.ts';

const COLLECTION = 'audit';
const OLD_INDEX = 'tenant_1_resourceId_1_sequence_-1';

/**
 * Notes where each chain ends, apart from the chain, and which of its entries older releases wrote without a key: those
 * stay as they are, with their plain digests, and can no longer be exchanged unseen.
 */
export const auditHeads: Migration = {
  id: 'audit-heads',
  description: 'notes the head of every audit chain, and which entries carry no key',
  async run(context) {
    const { connection, sealer } = context;
    const heads = createAuditHeads(connection, createAuditKeys(createSecretStore(connection, sealer), sealer));
    const projection = { tenant: 1, resourceId: 1 } as const;
    const counts = await eachPage(
      context,
      { collection: COLLECTION, filter: { key: { $exists: false } }, projection },
      async (page) => {
        const chains = new Map(
          page.map(({ tenant, resourceId }) => [
            `${tenant}/${resourceId}`,
            { tenant: tenant as TenantId, resourceId: resourceId as ResourceId },
          ]),
        );
        let marked = 0;
        for (const chain of chains.values()) marked += await markChain(chain, heads, context);
        return { 'chains marked': marked };
      },
    );
    return context.isDryRun ? counts : { ...counts, ...(await makeUnique(connection)) };
  },
};

/** @returns 1 where the chain had entries without a key that were not marked yet */
async function markChain(chain: ChainKey, heads: AuditHeads, { connection, isDryRun }: MigrationContext) {
  const head = await heads.find(chain);
  const unkeyed = await unkeyedIn(connection, chain);
  if (JSON.stringify(head?.unkeyed ?? []) === JSON.stringify(unkeyed)) return 0;
  if (isDryRun) return 1;
  const [last] = await connection
    .collection(COLLECTION)
    .find({ ...chain }, { projection: { sequence: 1, hash: 1 } })
    .sort({ sequence: -1 })
    .limit(1)
    .toArray();
  if (last === undefined) return 0;
  await heads.advance(chain, { sequence: Number(last['sequence']), hash: String(last['hash']) });
  await heads.markUnkeyed(chain, unkeyed);
  return 1;
}

async function unkeyedIn(connection: Connection, chain: ChainKey): Promise<readonly UnkeyedRange[]> {
  const ranges: [number, number][] = [];
  const entries = connection
    .collection(COLLECTION)
    .find({ ...chain, key: { $exists: false } }, { projection: { _id: 0, sequence: 1 } })
    .sort({ sequence: 1 });
  for await (const entry of entries) {
    const sequence = Number(entry['sequence']);
    const range = ranges.at(-1);
    if (range !== undefined && range[1] + 1 === sequence) range[1] = sequence;
    else ranges.push([sequence, sequence]);
  }
  return ranges;
}

/** The same sequence of a tenant's resource never twice, whatever the entry's id. */
async function makeUnique(connection: Connection): Promise<MigrationCounts> {
  const documents = connection.collection(COLLECTION);
  const present = await indexNames(documents);
  // The process that makes the collection makes its indexes, too.
  if (present === undefined) return {};
  await documents.createIndex({ tenant: 1, resourceId: 1, sequence: 1 }, { unique: true });
  if (!present.has(OLD_INDEX)) return {};
  await documents.dropIndex(OLD_INDEX);
  return { 'indexes replaced': 1 };
}
