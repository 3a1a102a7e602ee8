import { type Connection, Schema } from 'mongoose';
import type { TargetId, TenantId } from '../domain/ids.ts';
import { MOST_PATHS, NOTHING_KNOWN, type Retention } from '../domain/retention.ts';
import { isDuplicateKey } from './connect.ts';

/** Accounts of one type at one target. */
export interface RetentionPlace {
  readonly tenant: TenantId;
  readonly target: TargetId;
  readonly resourceType: string;
}

const paths = { type: [String], default: undefined };

const schema = new Schema(
  {
    _id: { type: String, required: true },
    tenant: { type: String, required: true },
    target: { type: String, required: true },
    resourceType: { type: String, required: true },
    notKept: paths,
    kept: paths,
    onRequest: paths,
    rewritten: paths,
    echoed: paths,
  },
  { collection: 'retentions', versionKey: false, strict: 'throw' },
);
schema.index({ tenant: 1, target: 1 });

/** An attribute is in one of these. */
const WHERE = ['notKept', 'kept', 'onRequest'] as const;

/** Another process may have learned something so long ago, and this one not know: it reads an account once more. */
const KNOWN_FOR_MS = 10_000;
/** Places of which something is remembered. */
const MOST_REMEMBERED = 1_000;
/** Resource types that a target takes. */
const MOST_TYPES = 50;

export type RetentionStore = ReturnType<typeof createRetentionStore>;

/** What each target keeps of what it is sent. One document for each type of accounts; names of attributes, no values. */
export function createRetentionStore(connection: Connection, now: () => number) {
  const documents = connection.model('Retention', schema).collection;
  const remembered = new Map<string, { readonly retention: Retention; readonly until: number }>();

  async function read(place: RetentionPlace): Promise<Retention> {
    const found = await documents.findOne({ _id: idOf(place) as never, tenant: place.tenant });
    const retention = found === null ? NOTHING_KNOWN : toRetention(found);
    if (remembered.size >= MOST_REMEMBERED) remembered.clear();
    remembered.set(idOf(place), { retention, until: now() + KNOWN_FOR_MS });
    return retention;
  }

  async function update(place: RetentionPlace, change: object, upsert: boolean): Promise<void> {
    const { tenant, target, resourceType } = place;
    await documents.updateOne(
      { _id: idOf(place) as never, tenant },
      { ...change, ...(upsert ? { $setOnInsert: { target, resourceType } } : {}) },
      { upsert },
    );
  }

  return {
    /** As the store has it now. */
    read,

    /** The same, as it was at most some seconds ago. */
    async of(place: RetentionPlace): Promise<Retention> {
      const held = remembered.get(idOf(place));
      return held !== undefined && held.until > now() ? held.retention : read(place);
    },

    async ofTarget(
      tenant: TenantId,
      target: TargetId,
    ): Promise<{ readonly resourceType: string; readonly retention: Retention }[]> {
      const found = await documents.find({ tenant, target }).sort({ _id: 1 }).limit(MOST_TYPES).toArray();
      return found.map((document) => ({
        resourceType: String(document['resourceType']),
        retention: toRetention(document),
      }));
    },

    /** Adds what was learned; what was known otherwise of the same attributes goes. Learning it again changes nothing. */
    async learn(place: RetentionPlace, learned: Partial<Retention>): Promise<void> {
      const known = await read(place);
      const isFull = Object.values(known).flat().length >= MOST_PATHS;
      const news = Object.entries(learned).filter(([, names]) => names.length > 0);
      if (news.length === 0 || isFull) return;
      const added = { $addToSet: Object.fromEntries(news.map(([list, names]) => [list, { $each: names }])) };
      await update(place, added, true).catch(async (error: unknown) => {
        // Another step made the document a moment ago.
        if (!isDuplicateKey(error)) throw error;
        await update(place, added, false);
      });
      for (const list of WHERE) {
        const elsewhere = WHERE.filter((other) => other !== list).flatMap((other) => learned[other] ?? []);
        const outdated = known[list].filter((name) => elsewhere.includes(name));
        if (outdated.length > 0) await update(place, { $pull: { [list]: { $in: outdated } } }, false);
      }
      await read(place);
    },

    /** The target keeps these, after all. */
    async keeps(place: RetentionPlace, names: readonly string[]): Promise<void> {
      await update(place, { $pull: { notKept: { $in: names }, echoed: { $in: names } } }, false);
      await read(place);
    },
  };
}

function toRetention(document: object): Retention {
  const { notKept = [], kept = [], onRequest = [], rewritten = [], echoed = [] } = document as Partial<Retention>;
  return { notKept, kept, onRequest, rewritten, echoed };
}

const idOf = ({ tenant, target, resourceType }: RetentionPlace): string => `${tenant}:${target}:${resourceType}`;
