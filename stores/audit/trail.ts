import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type Connection, Schema } from 'mongoose';
import { ADMINISTRATION, type AdministrativeFact, type AuditEntry, type AuditFact } from '../../domain/audit.ts';
import type { ChangeId, ResourceId, TenantId } from '../../domain/ids.ts';
import { isDuplicateKey } from '../connect.ts';
import type { AuditAlarm, AuditAlarmReason } from './alarms.ts';
import { hashOf } from './authenticate.ts';
import type { AuditHeads, ChainEnd, HeadDocument } from './heads.ts';
import type { AuditKey, AuditKeys } from './keys.ts';

const schema = new Schema(
  {
    _id: { type: String, required: true },
    tenant: { type: String, required: true },
    resourceType: { type: String, required: true },
    resourceId: { type: String, required: true },
    sequence: { type: Number, required: true },
    event: { type: String, required: true },
    at: { type: String, required: true },
    change: { type: String, required: true },
    actor: { type: String },
    facts: { type: Schema.Types.Mixed },
    previousHash: { type: String, required: true },
    key: { type: String },
    hash: { type: String, required: true },
  },
  { collection: 'audit', versionKey: false, strict: 'throw', minimize: false },
);
schema.index({ tenant: 1, resourceId: 1, sequence: 1 }, { unique: true });
schema.index({ tenant: 1, change: 1, sequence: 1 });

export interface AuditedResource {
  readonly tenant: TenantId;
  readonly resourceType: string;
  readonly resourceId: ResourceId;
}

export interface AuditTrailDependencies {
  readonly keys: AuditKeys;
  readonly heads: AuditHeads;
  /** Called for what only tampering, or a loss in the database, explains. What is appended is appended all the same. */
  onAlarm(alarm: AuditAlarm): Promise<void> | void;
  now(): number;
}

/** Where a chain ends, by its entries and by its head. */
interface Standing {
  readonly last: ChainEnd & { readonly key?: string };
  readonly head: HeadDocument | undefined;
}

export type AuditTrail = ReturnType<typeof createAuditTrail>;

/** Append-only, chained per resource and authenticated by a key. The resource's workflow is the only writer but for a race that the unique id settles. */
export function createAuditTrail(connection: Connection, { keys, heads, onAlarm, now }: AuditTrailDependencies) {
  const documents = connection.model('Audit', schema).collection;

  async function standingOf(resource: AuditedResource): Promise<Standing> {
    const { tenant, resourceId } = resource;
    const last = documents
      .find({ tenant, resourceId }, { projection: { _id: 0, sequence: 1, hash: 1, key: 1 } })
      .sort({ sequence: -1 })
      .limit(1)
      .toArray();
    const [[found], head] = await Promise.all([last, heads.find(resource)]);
    return { last: (found as unknown as Standing['last'] | undefined) ?? BEGINNING, head };
  }

  /** What of `facts` is not in the trail yet: a worker may have died in the middle of appending them. */
  async function missing(
    { tenant, resourceId }: AuditedResource,
    facts: readonly AuditFact[],
  ): Promise<readonly AuditFact[]> {
    const changes = [...new Set(facts.map((fact) => fact.change))];
    const found = await documents
      .find(
        {
          tenant,
          change: { $in: changes },
          resourceId,
          $or: [{ event: { $in: [...ONCE] } }, { at: { $in: [...new Set(facts.map((fact) => fact.at))] } }],
        },
        { projection: { change: 1, event: 1, at: 1, actor: 1, 'facts.target': 1 } },
      )
      .toArray();
    const recorded = new Set(found.map((entry) => identityOf(entry as unknown as AuditFact)));
    return facts.filter((fact) => !recorded.has(identityOf(fact)));
  }

  async function alarm({ tenant, resourceType, resourceId }: AuditedResource, reason: AuditAlarmReason): Promise<void> {
    const digest = createHash('sha256')
      .update(JSON.stringify([tenant, resourceId]))
      .digest('hex');
    const id = `${reason}-${digest.slice(0, 32)}`;
    await onAlarm({ id, tenant, resourceType, resourceId, reason, since: new Date(now()).toISOString() });
  }

  /** The entry to go on from. Where entries are gone that the head names, the gap stays to be seen. */
  async function endOf(resource: AuditedResource, { last, head }: Standing, found: number): Promise<ChainEnd> {
    if (head === undefined) {
      // Its first writer died before it noted the head, or an older release began the chain.
      const isExplained = last.sequence <= found || last.key === undefined;
      if (!isExplained && !(await hasHeadSoon(resource))) await alarm(resource, 'head-missing');
      return last;
    }
    if (head.sequence <= last.sequence) return last;
    // Another writer may have gone on since the entries were read.
    const again = await standingOf(resource);
    if (again.last.sequence >= head.sequence) return again.last;
    await alarm(resource, 'entries-missing');
    return head;
  }

  /** Whether another writer, who has just begun the chain, notes its head. */
  async function hasHeadSoon(resource: AuditedResource): Promise<boolean> {
    for (let look = 1; look <= 5; look += 1) {
      if ((await heads.find(resource)) !== undefined) return true;
      await pause(50 * look);
    }
    return false;
  }

  /**
   * Appends facts in order. Repeating the same facts (change, event, time, target) appends nothing, nor does what
   * happens to a change once at another time.
   *
   * @param begins nothing is likely to be in the chain yet, so it is looked for only when that turns out wrong
   */
  async function append(resource: AuditedResource, facts: readonly AuditFact[], begins = false): Promise<void> {
    const key = await keys.active();
    let refused = 0;
    for (let attempt = 1; ; attempt += 1) {
      const isFirst = begins && attempt === 1;
      const [standing, rest] = isFirst
        ? [{ last: BEGINNING, head: undefined }, facts]
        : await Promise.all([standingOf(resource), missing(resource, facts)]);
      const end = await endOf(resource, standing, facts.length - rest.length);
      if (rest.length === 0) {
        if ((standing.head?.sequence ?? 0) < end.sequence) await heads.advance(resource, end);
        return;
      }
      if (end.sequence + 1 === refused) {
        // The tenant's own chain does not explain why its next id is taken: it goes on behind it, and the gap is seen.
        await alarm(resource, 'id-taken');
      }
      const from = { ...end, sequence: Math.max(end.sequence, refused) };
      const entries = chain(resource, rest, from, key);
      try {
        await documents.insertMany(entries as never[], { ordered: true });
      } catch (error) {
        if (!isDuplicateKey(error) || attempt === ATTEMPTS) throw error;
        if (!isFirst && (await standingOf(resource)).last.sequence <= from.sequence) refused = from.sequence + 1;
        continue;
      }
      const last = entries.at(-1);
      if (last !== undefined) await heads.advance(resource, last);
      return;
    }
  }

  return {
    append,

    /** Appends what an administrator did to the tenant's own chain. */
    async appendAdministrative(tenant: TenantId, fact: AdministrativeFact): Promise<void> {
      await append({ tenant, ...ADMINISTRATION }, [{ ...fact, change: randomUUID() as ChangeId }]);
    },

    /** What happened to a change, oldest first; at most the last `limit` entries. */
    async ofChange(tenant: TenantId, change: ChangeId, limit: number): Promise<AuditEntry[]> {
      const found = await documents.find({ tenant, change }).sort({ sequence: -1 }).limit(limit).toArray();
      return toEntries(found).reverse();
    },

    /** A resource's chain from behind a sequence on, oldest first. */
    async ofResource(
      tenant: TenantId,
      resourceId: ResourceId,
      { after, limit }: { readonly after: number; readonly limit: number },
    ): Promise<AuditEntry[]> {
      const query = { tenant, resourceId, sequence: { $gt: after } };
      return toEntries(await documents.find(query).sort({ sequence: 1 }).limit(limit).toArray());
    },

    count: (tenant: TenantId, resourceId: ResourceId): Promise<number> =>
      documents.countDocuments({ tenant, resourceId }),

    /** Which of these changes have no entry in the resource's chain. */
    async withoutEntry(tenant: TenantId, resourceId: ResourceId, changes: readonly ChangeId[]): Promise<ChangeId[]> {
      const query = { tenant, change: { $in: changes }, event: 'accepted', resourceId };
      const found = await documents.find(query as never, { projection: { change: 1 } }).toArray();
      const recorded = new Set(found.map(({ change }) => String(change)));
      return changes.filter((change) => !recorded.has(change));
    },
  };
}

/** Other writers of a chain are few: its workflow, an operator, the engine. */
const ATTEMPTS = 10;

/** What happens to a change once, whenever that was: a worker that died in the middle does it again at another time. */
const ONCE: ReadonlySet<AuditFact['event']> = new Set([
  'accepted',
  'decided',
  'persisted',
  'rejected',
  'store-restored',
  'settled',
]);

const identityOf = ({ change, event, at, actor, facts }: AuditFact): string =>
  ONCE.has(event) ? `${change} ${event}` : `${change} ${event} ${at} ${facts?.['target'] ?? ''} ${actor ?? ''}`;

/** Where a chain is before its first entry. */
export const BEGINNING: ChainEnd = { sequence: 0, hash: '0'.repeat(64) };

function chain(
  resource: AuditedResource,
  facts: readonly AuditFact[],
  end: ChainEnd,
  key: AuditKey,
): (AuditEntry & { readonly _id: string })[] {
  let previousHash = end.hash;
  return facts.map((fact, index) => {
    const unhashed = { ...resource, ...fact, sequence: end.sequence + index + 1, previousHash, key: key.id };
    previousHash = hashOf(unhashed, key);
    const place = String(unhashed.sequence).padStart(9, '0');
    return { _id: `${resource.tenant}/${resource.resourceId}/${place}`, ...unhashed, hash: previousHash };
  });
}

const toEntries = (found: readonly object[]): AuditEntry[] =>
  found.map((document) => {
    const { _id, ...entry } = document as AuditEntry & { _id: string };
    return entry;
  });
