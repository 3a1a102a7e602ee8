import { createHash, randomUUID } from 'node:crypto';
import { type Connection, Schema } from 'mongoose';
import {
  ADMINISTRATION,
  type AdministrativeFact,
  type AuditEntry,
  type AuditFact,
  auditMaterial,
} from '../domain/audit.ts';
import type { ChangeId, ResourceId, TenantId } from '../domain/ids.ts';
import { isDuplicateKey } from './connect.ts';

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
    hash: { type: String, required: true },
  },
  { collection: 'audit', versionKey: false, strict: 'throw', minimize: false },
);
schema.index({ tenant: 1, resourceId: 1, sequence: -1 });
schema.index({ tenant: 1, change: 1, sequence: 1 });

export interface AuditedResource {
  readonly tenant: TenantId;
  readonly resourceType: string;
  readonly resourceId: ResourceId;
}

export interface ChainVerdict {
  readonly entries: number;
  /** Sequence of the first entry that does not fit, with what is wrong there. */
  readonly broken?: { readonly sequence: number; readonly reason: string };
}

export type AuditTrail = ReturnType<typeof createAuditTrail>;

/** Append-only, hash-chained per resource. The resource's workflow is the only writer but for a race that the unique id settles. */
export function createAuditTrail(connection: Connection) {
  const documents = connection.model('Audit', schema).collection;

  async function headOf({ tenant, resourceId }: AuditedResource): Promise<{ sequence: number; hash: string }> {
    const [head] = await documents
      .find({ tenant, resourceId }, { projection: { sequence: 1, hash: 1 } })
      .sort({ sequence: -1 })
      .limit(1)
      .toArray();
    return head === undefined ? BEGINNING : { sequence: head['sequence'] as number, hash: head['hash'] as string };
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

  /**
   * Appends facts in order. Repeating the same facts (change, event, time, target) appends nothing, nor does what
   * happens to a change once at another time.
   *
   * @param begins nothing is likely to be in the chain yet, so it is looked for only when that turns out wrong
   */
  async function append(resource: AuditedResource, facts: readonly AuditFact[], begins = false): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const head = begins && attempt === 1 ? BEGINNING : await headOf(resource);
      const rest = head.sequence === 0 ? facts : await missing(resource, facts);
      if (rest.length === 0) return;
      try {
        await documents.insertMany(chain(resource, rest, head) as never[], { ordered: true });
        return;
      } catch (error) {
        if (!isDuplicateKey(error) || attempt === 5) throw error;
      }
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

    /** Recomputes a resource's chain from its first entry. */
    async verify(tenant: TenantId, resourceId: ResourceId): Promise<ChainVerdict> {
      let head = BEGINNING;
      for (;;) {
        const page = await this.ofResource(tenant, resourceId, { after: head.sequence, limit: PAGE });
        for (const entry of page) {
          const reason = faultOf(entry, head);
          if (reason !== undefined) {
            const entries = await documents.countDocuments({ tenant, resourceId });
            return { entries, broken: { sequence: head.sequence + 1, reason } };
          }
          head = entry;
        }
        if (page.length < PAGE) return { entries: head.sequence };
      }
    },
  };
}

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

const GENESIS = '0'.repeat(64);
const BEGINNING = { sequence: 0, hash: GENESIS };

/** Entries that are read at once while a chain is verified. */
const PAGE = 500;

/** Why an entry does not continue a chain that ended so far at `head`. */
function faultOf({ hash, ...entry }: AuditEntry, head: { sequence: number; hash: string }): string | undefined {
  if (entry.sequence !== head.sequence + 1) return 'an entry is missing';
  if (entry.previousHash !== head.hash) return 'it does not follow the entry before it';
  return hashOf(entry) === hash ? undefined : 'its content was altered';
}

const hashOf = (entry: Omit<AuditEntry, 'hash'>): string =>
  createHash('sha256').update(auditMaterial(entry)).digest('hex');

function chain(
  resource: AuditedResource,
  facts: readonly AuditFact[],
  head: { sequence: number; hash: string },
): object[] {
  let previousHash = head.hash;
  return facts.map((fact, index) => {
    const unhashed = { ...resource, ...fact, sequence: head.sequence + index + 1, previousHash };
    previousHash = hashOf(unhashed);
    return {
      _id: `${resource.resourceId}:${String(unhashed.sequence).padStart(9, '0')}`,
      ...unhashed,
      hash: previousHash,
    };
  });
}

const toEntries = (found: readonly object[]): AuditEntry[] =>
  found.map((document) => {
    const { _id, ...entry } = document as AuditEntry & { _id: string };
    return entry;
  });
