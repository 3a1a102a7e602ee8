import { randomUUID } from 'node:crypto';
import { type Connection, Schema } from 'mongoose';
import type { BulkResult, BulkStep } from '../domain/bulk/bulk-step.ts';
import type { ServiceProviderId, TenantId } from '../domain/ids.ts';
import type { Sealer } from '../domain/sealing.ts';
import { isDuplicateKey } from './connect.ts';
import { IdCollisionError } from './id-collision.ts';
import type { SealedCollection } from './sealed-places.ts';

/** A bulk request as its record tells it: nothing of what the client sent. */
export interface BulkRecord {
  readonly id: string;
  readonly tenant: TenantId;
  /** Id of the credential that asked. */
  readonly actor: string;
  readonly serviceProvider: ServiceProviderId;
  readonly fingerprint: string;
  /** ISO 8601 UTC. */
  readonly receivedAt: string;
  readonly policyVersion: number;
  /** Errors after which nothing more is begun; absent: whatever happens. */
  readonly failOnErrors?: number;
  readonly operations: number;
  readonly pages: number;
  readonly state: 'running' | 'done';
  readonly endedAt?: string;
  /** How long the answer is kept after the end, milliseconds. */
  readonly keptMs: number;
}

/** What a page says after it was done. */
export interface EndedPage {
  /** For each step, by its position: `OK` or the code of its error. A step that was not begun has none. */
  readonly codes: Readonly<Record<number, string>>;
  readonly results: readonly BulkResult[];
  /** Whether `failOnErrors` was reached. */
  readonly stopped: boolean;
}

interface RecordDocument extends Omit<BulkRecord, 'id'> {
  readonly _id: string;
  /** Its pages carry this: two requests with one key that come at once have two plans, and one counts. */
  readonly plan: string;
  readonly expireAt: Date;
}

interface PageDocument {
  readonly _id: string;
  readonly tenant: string;
  readonly plan: string;
  readonly page: number;
  /** What is to be done, sealed; dropped when it is. */
  readonly steps?: string;
  readonly codes?: Readonly<Record<string, string>>;
  readonly stopped?: boolean;
  /** The answer's part, sealed: it repeats names that the client chose. */
  readonly results?: string;
  readonly expireAt: Date;
}

const recordSchema = new Schema(
  {
    _id: { type: String, required: true },
    tenant: { type: String, required: true },
    actor: { type: String, required: true },
    serviceProvider: { type: String, required: true },
    fingerprint: { type: String, required: true },
    receivedAt: { type: String, required: true },
    policyVersion: { type: Number, required: true },
    failOnErrors: { type: Number },
    operations: { type: Number, required: true },
    pages: { type: Number, required: true },
    state: { type: String, required: true },
    endedAt: { type: String },
    keptMs: { type: Number, required: true },
    plan: { type: String, required: true },
    expireAt: { type: Date, required: true },
  },
  { collection: 'bulk-requests', versionKey: false, strict: 'throw' },
);
recordSchema.index({ expireAt: 1 }, { expireAfterSeconds: 0 });

const pageSchema = new Schema(
  {
    _id: { type: String, required: true },
    tenant: { type: String, required: true },
    plan: { type: String, required: true },
    page: { type: Number, required: true },
    steps: { type: String },
    codes: { type: Schema.Types.Mixed },
    stopped: { type: Boolean },
    results: { type: String },
    expireAt: { type: Date, required: true },
  },
  { collection: 'bulk-pages', versionKey: false, strict: 'throw', minimize: false },
);
pageSchema.index({ tenant: 1, plan: 1, page: 1 }, { unique: true });
pageSchema.index({ expireAt: 1 }, { expireAfterSeconds: 0 });

/** A request that never ends is forgotten after this long; each change that it made has its own record. */
const AT_MOST_MS = 7 * 86_400_000;

export type BulkRequestStore = ReturnType<typeof createBulkRequestStore>;

/**
 * Bulk requests on their way: what was asked, sealed and in pages, until it is done; then the answer, for as long as it
 * may be asked for.
 */
export function createBulkRequestStore(connection: Connection, sealer: Sealer) {
  const records = connection.model('BulkRequest', recordSchema).collection;
  const pages = connection.model('BulkPage', pageSchema).collection;

  async function findDocument(tenant: TenantId, id: string): Promise<RecordDocument | undefined> {
    const found = (await records.findOne({ _id: id as never, tenant })) as unknown as RecordDocument | null;
    return found ?? undefined;
  }

  async function requirePlan(tenant: TenantId, id: string): Promise<string> {
    const found = await findDocument(tenant, id);
    if (found === undefined) throw new Error(`bulk request ${id} has no record`);
    return found.plan;
  }

  return {
    /** @returns undefined, or the record that has this id already: the same request came before */
    async accept(
      record: Omit<BulkRecord, 'pages' | 'state'>,
      steps: readonly (readonly BulkStep[])[],
    ): Promise<BulkRecord | undefined> {
      const { id, tenant } = record;
      const plan = randomUUID();
      const expireAt = new Date(Date.parse(record.receivedAt) + Math.max(record.keptMs, AT_MOST_MS));
      for (const [page, some] of steps.entries()) {
        const sealed = sealer.seal(some, contextOf(tenant, plan, page, 'steps'));
        const document: PageDocument = { _id: `${plan}:${page}`, tenant, plan, page, steps: sealed, expireAt };
        await pages.insertOne(document as never);
      }
      const { id: _id, ...rest } = record;
      const document: RecordDocument = { _id: id, ...rest, pages: steps.length, state: 'running', plan, expireAt };
      try {
        await records.insertOne(document as never);
        return undefined;
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        await pages.deleteMany({ tenant, plan });
        const earlier = await this.find(tenant, id);
        if (earlier === undefined) throw new IdCollisionError('bulk-requests');
        return earlier;
      }
    },

    async find(tenant: TenantId, id: string): Promise<BulkRecord | undefined> {
      const found = await findDocument(tenant, id);
      if (found === undefined) return undefined;
      const { _id, plan: _plan, expireAt: _expireAt, ...rest } = found;
      return { id: _id, ...rest };
    },

    /** What a page asks for, or what came of it. @returns undefined where there is no such page */
    async page(tenant: TenantId, id: string, page: number): Promise<readonly BulkStep[] | EndedPage | undefined> {
      const plan = await requirePlan(tenant, id);
      const found = (await pages.findOne({ tenant, plan, page })) as unknown as PageDocument | null;
      if (found === null) return undefined;
      if (found.steps !== undefined)
        return sealer.unseal(found.steps, contextOf(tenant, plan, page, 'steps')) as BulkStep[];
      return toEnded(found, sealer);
    },

    /** Codes of all steps on earlier pages, by their position. */
    async codesBefore(tenant: TenantId, id: string, page: number): Promise<ReadonlyMap<number, string>> {
      const plan = await requirePlan(tenant, id);
      const found = await pages.find({ tenant, plan, page: { $lt: page } }, { projection: { codes: 1 } }).toArray();
      const all = found.flatMap((document) => Object.entries((document as unknown as PageDocument).codes ?? {}));
      return new Map(all.map(([position, code]) => [Number(position), code]));
    },

    /** Keeps what came of a page, and forgets what it asked for. The first to say so counts. */
    async endPage(tenant: TenantId, id: string, page: number, ended: EndedPage): Promise<void> {
      const plan = await requirePlan(tenant, id);
      const results = sealer.seal(ended.results, contextOf(tenant, plan, page, 'results'));
      await pages.updateOne(
        { tenant, plan, page, steps: { $exists: true } },
        { $set: { codes: ended.codes as never, stopped: ended.stopped, results }, $unset: { steps: '' } },
      );
    },

    /** From here on only the answer is kept, for its time. Pages that were not begun are forgotten. */
    async end(tenant: TenantId, id: string, at: Date): Promise<void> {
      const found = await findDocument(tenant, id);
      if (found === undefined || found.state === 'done') return;
      const expireAt = new Date(at.getTime() + found.keptMs);
      await pages.deleteMany({ tenant, plan: found.plan, steps: { $exists: true } });
      await pages.updateMany({ tenant, plan: found.plan }, { $set: { expireAt } });
      await records.updateOne(
        { _id: id as never, tenant },
        { $set: { state: 'done', endedAt: at.toISOString(), expireAt } },
      );
    },

    /** What came of every operation that was begun, in the request's order. */
    async results(tenant: TenantId, id: string): Promise<BulkResult[]> {
      const plan = await requirePlan(tenant, id);
      const found = await pages
        .find({ tenant, plan, results: { $exists: true } })
        .sort({ page: 1 })
        .toArray();
      return found
        .flatMap((document) => toEnded(document as unknown as PageDocument, sealer).results)
        .sort((a, b) => a.operation - b.operation);
    },
  };
}

function toEnded({ tenant, plan, page, codes, stopped, results }: PageDocument, sealer: Sealer): EndedPage {
  if (results === undefined) throw new Error(`page ${page} of a bulk request has neither steps nor results`);
  return {
    codes: codes ?? {},
    stopped: stopped ?? false,
    results: sealer.unseal(results, contextOf(tenant, plan, page, 'results')) as BulkResult[],
  };
}

const contextOf = (tenant: string, plan: string, page: number, field: string): string =>
  `${tenant}/bulk-pages/${plan}:${page}/${field}`;

export const SEALED_BULK_PAGES: SealedCollection = {
  collection: 'bulk-pages',
  placesIn: ({ tenant = '', plan, page }) =>
    ['steps', 'results'].map((field) => [field, contextOf(tenant, String(plan), Number(page), field)] as const),
};
