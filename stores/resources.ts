import { type Connection, Schema } from 'mongoose';
import { attributeOfKey } from '../domain/apply-change.ts';
import { ProvostError } from '../domain/errors.ts';
import type { ChangeId, ResourceId, TenantId } from '../domain/ids.ts';
import type { Resource, ScimObject } from '../domain/scim/resource.ts';
import { isDuplicateKey } from './connect.ts';
import type { StoreQuery } from './filter/compile-filter.ts';
import { breadthOf } from './list/breadth.ts';
import { fewerIds, idsAlone } from './list/by-ids.ts';
import { indexHint } from './list/index-hint.ts';
import { conjoined, type PageRequest, pageQuery, selecting, type TypeQuery } from './list/list-query.ts';
import { sortOf } from './list/order.ts';
import { createPageAlongIds } from './list/page-along-ids.ts';
import { type Position, positionOf } from './list/position.ts';

/** A resource as it stands, with what the server knows about it. */
export interface StoredResource {
  readonly id: ResourceId;
  readonly tenant: TenantId;
  readonly type: string;
  /** Domain of its user store. */
  readonly store: string;
  readonly version: number;
  /** The change that wrote this version. Seeing one's own id here means: done already. */
  readonly change: ChangeId;
  readonly created: string;
  readonly lastModified: string;
  readonly resource: Resource;
  readonly passwordHash?: string;
  /** It is, or was, a member of a group: only then is it worth asking of which. */
  readonly grouped?: boolean;
  /** The version before this one; where it was read to be written. */
  readonly upon?: WrittenVersion;
}

/** A version, and the change that wrote it. */
export type WrittenVersion = Pick<StoredResource, 'version' | 'change' | 'lastModified'>;

/** A resource on a page, with its place in the page's order. */
export interface ListedResource extends StoredResource {
  readonly position: Position;
}

/** What is written: the resource, its search shadow, and the keys that must be unique within tenant and type. */
export interface ResourceWrite extends StoredResource {
  readonly shadow: ScimObject;
  readonly uniqueKeys: readonly string[];
}

/** The version before, kept inside the document so that one write is enough and a change can be undone. */
interface Previous {
  readonly version: number;
  readonly change: ChangeId;
  readonly lastModified: string;
  readonly r: unknown;
  readonly k: unknown;
  readonly uniq: readonly string[];
  readonly password?: string;
}

interface ResourceDocument {
  readonly _id: string;
  readonly tenant: string;
  /** The resource type; a tombstone carries `<type>#deleted` and is seen by no query. */
  readonly type: string;
  readonly store: string;
  readonly version: number;
  readonly change: string;
  readonly created: string;
  readonly lastModified: string;
  readonly r: unknown;
  readonly k: unknown;
  readonly uniq?: readonly string[];
  readonly password?: string;
  readonly grouped?: boolean;
  readonly previous?: Previous;
  /** `by` put back the version that `create` began with: should that be taken back as well, nothing stays. */
  readonly begun?: { readonly create: ChangeId; readonly by: ChangeId };
}

const schema = new Schema<ResourceDocument>(
  {
    _id: { type: String, required: true },
    tenant: { type: String, required: true },
    type: { type: String, required: true },
    store: { type: String, required: true },
    version: { type: Number, required: true },
    change: { type: String, required: true },
    created: { type: String, required: true },
    lastModified: { type: String, required: true },
    r: { type: Schema.Types.Mixed, required: true },
    k: { type: Schema.Types.Mixed, required: true },
    uniq: { type: [String], default: undefined },
    password: { type: String },
    grouped: { type: Boolean },
    previous: { type: Schema.Types.Mixed },
    begun: { type: Schema.Types.Mixed },
  },
  { collection: 'resources', versionKey: false, strict: 'throw', minimize: false },
);
schema.index({ tenant: 1, type: 1, uniq: 1 }, { unique: true, partialFilterExpression: { uniq: { $exists: true } } });
// Pages of everything, each beginning after the id that the one before ended with.
schema.index({ tenant: 1, type: 1, _id: 1 });
// `userName eq`, `sw`, and sorting by it. The `_id` at the end of these lets a sorted page begin after any resource.
schema.index({ tenant: 1, type: 1, 'k.userName': 1, _id: 1 });
// `externalId eq`: how Entra and Okta find what they made.
schema.index({ tenant: 1, type: 1, 'k.externalId': 1 });
// `emails eq`, `emails.value eq`, `emails[type eq "work" and value eq …]`.
schema.index({ tenant: 1, type: 1, 'k.emails.value': 1 });
// `displayName eq`, `sw` on groups and users; groups sorted by it.
schema.index({ tenant: 1, type: 1, 'k.displayName': 1, _id: 1 });
// `meta.lastModified gt`: clients that read what has changed since.
schema.index({ tenant: 1, type: 1, 'k.meta.lastModified': 1, _id: 1 });

// Which roles and entitlements are in use, and whether any are: stores/assigned-values.ts. Few users have some.
for (const path of ['k.roles.value', 'k.entitlements.value'])
  schema.index({ tenant: 1, type: 1, [path]: 1 }, { partialFilterExpression: { [path]: { $exists: true } } });

/** How stored attribute names are written: MongoDB allows no `.` in them, extension URNs have some. */
export interface StoredForm {
  toStored(value: ScimObject): unknown;
  fromStored(value: unknown): ScimObject;
}

export type ResourceStore = ReturnType<typeof createResourceStore>;

/**
 * Users, groups and every other SCIM resource. One document is the unit of atomicity; every write is conditional on the
 * version it was decided on, and names the change that made it.
 */
export function createResourceStore(connection: Connection, form: StoredForm) {
  const model = connection.model('Resource', schema);
  // Reads go past mongoose's casting: ids and types are strings we made, and this is the path every client waits for.
  const documents = model.collection;
  const pageAlongIds = createPageAlongIds();

  const toDocument = (write: ResourceWrite): ResourceDocument => ({
    _id: write.id,
    tenant: write.tenant,
    type: write.type,
    store: write.store,
    version: write.version,
    change: write.change,
    created: write.created,
    lastModified: write.lastModified,
    r: form.toStored(write.resource),
    k: form.toStored(write.shadow),
    ...uniqueOf(write.uniqueKeys),
    ...(write.passwordHash === undefined ? {} : { password: write.passwordHash }),
  });

  const fromDocument = (found: ResourceDocument): StoredResource => ({
    id: found._id as ResourceId,
    tenant: found.tenant as TenantId,
    type: found.type,
    store: found.store,
    version: found.version,
    change: found.change as ChangeId,
    created: found.created,
    lastModified: found.lastModified,
    resource: form.fromStored(found.r) as Resource,
    ...(found.password === undefined ? {} : { passwordHash: found.password }),
    ...(found.grouped ? { grouped: true } : {}),
    ...(found.previous === undefined ? {} : { upon: writtenVersion(found.previous) }),
  });

  async function findDocument(tenant: TenantId, type: string, id: ResourceId): Promise<ResourceDocument | undefined> {
    return ((await documents.findOne({ _id: id as never, tenant, type })) ?? undefined) as ResourceDocument | undefined;
  }

  async function writeVersion(write: ResourceWrite, before: ResourceDocument): Promise<void> {
    const { password, ...rest } = toDocument(write);
    try {
      const result = await documents.updateOne(
        { _id: write.id as never, tenant: write.tenant, type: write.type, version: before.version },
        {
          $set: { ...rest, ...(password === undefined ? {} : { password }), previous: previousOf(before) },
          ...unsetting({ password, uniq: rest.uniq }),
        },
      );
      if (result.matchedCount === 0)
        throw new ProvostError('CONCURRENT_WRITE', 'The resource changed while this change was decided.');
    } catch (error) {
      throw isDuplicateKey(error) ? await taken(write.tenant, write.type, write.id, write.uniqueKeys) : error;
    }
  }

  /** Says which of the keys that a write wanted is another resource's. */
  async function taken(tenant: TenantId, type: string, id: ResourceId, keys: readonly string[]): Promise<ProvostError> {
    const holder = (await documents.findOne(
      { tenant, type, uniq: { $in: [...keys] }, _id: { $ne: id as never } },
      { projection: { uniq: 1 } },
    )) as ResourceDocument | null;
    const key = keys.find((wanted) => holder?.uniq?.includes(wanted)) ?? keys[0] ?? '';
    const path = attributeOfKey(key);
    return new ProvostError(
      'UNIQUENESS',
      `Another ${type} already has this ${path}; choose another or update that one.`,
      path === '' ? {} : { path },
    );
  }

  /** A page by id of very much is read along the ids; whether it is much is asked where the query does not tell. */
  async function isBetterAlongIds(
    tenant: TenantId,
    types: readonly TypeQuery[],
    { order, skip = 0 }: PageRequest,
  ): Promise<boolean> {
    if (order.field !== undefined || skip > 0) return false;
    const query = selecting(tenant, types);
    const breadth = breadthOf(query);
    if (breadth !== 'open') return breadth === 'broad';
    return (await documents.countDocuments(query as never, { ...hinted(types), limit: MUCH })) >= MUCH;
  }

  /** @returns undefined where there is none, or it was deleted */
  const finding =
    (projection: Readonly<Record<string, number>>) =>
    async (tenant: TenantId, type: string, id: ResourceId): Promise<StoredResource | undefined> => {
      const query = { _id: id as never, tenant, type };
      const found = (await documents.findOne(query, { projection })) as unknown as ResourceDocument | null;
      return found === null ? undefined : fromDocument(found);
    };

  return {
    find: finding(BESIDES_THE_RESOURCE),

    /** As `find`, with the version before. */
    findToWrite: finding(BESIDES_THE_RESOURCE_AND_THE_VERSION_BEFORE),

    /** The resource that holds a unique key. */
    async findByKey(tenant: TenantId, type: string, key: string): Promise<StoredResource | undefined> {
      const found = (await documents.findOne({ tenant, type, uniq: key })) as ResourceDocument | null;
      return found === null ? undefined : fromDocument(found);
    },

    /** @returns the version before the one that `change` wrote: `none` for a create, undefined where it wrote nothing */
    async findBefore(
      tenant: TenantId,
      type: string,
      id: ResourceId,
      change: ChangeId,
    ): Promise<StoredResource | 'none' | undefined> {
      const found = (await findDocument(tenant, type, id)) ?? (await findDocument(tenant, tombstone(type), id));
      if (found === undefined || found.change !== change) return undefined;
      if (found.type !== type) return fromDocument({ ...found, ...found.previous, type });
      return found.previous === undefined ? 'none' : fromDocument({ ...found, ...found.previous });
    },

    /** Whether what stands, its tombstone, or the version before, was written by this change. */
    async wrote(tenant: TenantId, id: ResourceId, change: ChangeId): Promise<boolean> {
      const found = await documents.findOne(
        { _id: id as never, tenant },
        { projection: { change: 1, 'previous.change': 1 } },
      );
      return found !== null && [found['change'], found['previous']?.change].includes(change);
    },

    /**
     * Writes a new resource. Repeating it for the same change does nothing.
     *
     * @returns what stands, where the same change had written it before
     * @throws ProvostError `UNIQUENESS` where one of its unique keys is taken
     */
    async insert(write: ResourceWrite): Promise<StoredResource | undefined> {
      try {
        await documents.insertOne(toDocument(write) as never);
        return undefined;
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        const standing = await findDocument(write.tenant, write.type, write.id);
        if (standing?.change === write.change) return fromDocument(standing);
        const { previous } = standing ?? {};
        // Something urgent was written upon it before it was known that it had been done.
        if (standing !== undefined && previous?.change === write.change)
          return fromDocument({ ...standing, ...previous });
        throw await taken(write.tenant, write.type, write.id, write.uniqueKeys);
      }
    },

    /**
     * Writes the next version of a resource, if it still is at the version given.
     *
     * @throws ProvostError `CONCURRENT_WRITE`, `UNIQUENESS`, `NOT_FOUND`
     */
    async replace(write: ResourceWrite, expectedVersion: number): Promise<void> {
      const before = await findDocument(write.tenant, write.type, write.id);
      if (before === undefined) throw notFound(write.type);
      if (before.change === write.change) return;
      if (before.version !== expectedVersion)
        throw new ProvostError('CONCURRENT_WRITE', 'The resource changed while this change was decided.');
      await writeVersion(write, before);
    },

    /**
     * Takes a resource out of every query and frees its unique keys; {@link purge} removes what is left.
     *
     * @returns whether it had been in a group when it was removed
     */
    async remove(
      tenant: TenantId,
      type: string,
      id: ResourceId,
      change: ChangeId,
      lastModified: string,
    ): Promise<{ readonly grouped: boolean }> {
      const before = await findDocument(tenant, type, id);
      if (before === undefined) {
        const gone = await findDocument(tenant, tombstone(type), id);
        if (gone?.change === change) return { grouped: gone.grouped === true };
        throw notFound(type);
      }
      const removed = await documents.findOneAndUpdate(
        { _id: id as never, tenant, type, version: before.version },
        {
          $set: {
            type: tombstone(type),
            change,
            lastModified,
            version: before.version + 1,
            k: {},
            previous: previousOf(before),
          },
          $unset: { uniq: '' },
        },
        { projection: { grouped: 1 } },
      );
      if (removed === null)
        throw new ProvostError('CONCURRENT_WRITE', 'The resource changed while its deletion was decided.');
      return { grouped: removed['grouped'] === true };
    },

    /**
     * Puts back what stood before `change`, if that change's version still stands. Of a create that another change was
     * written upon, it is kept that nothing stood before: should the other be taken back too, nothing of both stays.
     *
     * @returns false where a later change has been written on top, so that nothing was put back
     * @throws ProvostError `UNIQUENESS` where a name that was freed has been taken meanwhile
     */
    async restore(
      tenant: TenantId,
      type: string,
      id: ResourceId,
      change: ChangeId,
      restoredBy: ChangeId,
    ): Promise<boolean> {
      const standing = (await findDocument(tenant, type, id)) ?? (await findDocument(tenant, tombstone(type), id));
      if (standing === undefined) return true;
      if (standing.change !== change) {
        if (standing.change === restoredBy) return true;
        if (standing.begun?.create === change && standing.begun.by === standing.change) {
          await documents.deleteOne({ _id: id as never, tenant, type: standing.type, change: standing.change });
          return true;
        }
        if (standing.previous?.change === change && standing.previous.version === 1)
          await documents.updateOne(
            { _id: id as never, tenant, type: standing.type, change: standing.change },
            { $unset: { previous: '' } },
          );
        return false;
      }
      const { previous } = standing;
      if (previous === undefined) {
        await documents.deleteOne({ _id: id as never, tenant, type: standing.type, change });
        return true;
      }
      const { password, uniq, ...rest } = previous;
      const begun = previous.version === 1 ? { create: previous.change, by: restoredBy } : undefined;
      try {
        await documents.updateOne(
          { _id: id as never, tenant, type: standing.type, change },
          {
            $set: {
              ...rest,
              type,
              version: standing.version + 1,
              change: restoredBy,
              ...uniqueOf(uniq),
              ...(password === undefined ? {} : { password }),
              ...(begun === undefined ? {} : { begun }),
            },
            ...unsetting({ previous: undefined, begun, password, uniq: uniqueOf(uniq).uniq }),
          },
        );
      } catch (error) {
        throw isDuplicateKey(error) ? await taken(tenant, type, id, uniq) : error;
      }
      return true;
    },

    /** Which of these ids belong to a resource that stands, with its type and whether it has been in a group. */
    async typesOf(
      tenant: TenantId,
      ids: readonly ResourceId[],
    ): Promise<Map<ResourceId, { readonly type: string; readonly grouped: boolean }>> {
      const found = new Map<ResourceId, { readonly type: string; readonly grouped: boolean }>();
      for (let from = 0; from < ids.length; from += MOST_IDS) {
        const rows = await documents
          .find({ _id: { $in: ids.slice(from, from + MOST_IDS) as never[] }, tenant, k: { $ne: {} } } as never, {
            projection: { type: 1, grouped: 1 },
          })
          .toArray();
        for (const row of rows as unknown as ResourceDocument[]) {
          if (row.type.endsWith('#deleted')) continue;
          found.set(row._id as ResourceId, { type: row.type, grouped: row.grouped === true });
        }
      }
      return found;
    },

    /** Remembers that these have been in a group. */
    async markGrouped(tenant: TenantId, ids: readonly ResourceId[]): Promise<void> {
      for (let from = 0; from < ids.length; from += MOST_IDS) {
        await documents.updateMany({ _id: { $in: ids.slice(from, from + MOST_IDS) as never[] }, tenant } as never, {
          $set: { grouped: true },
        });
      }
    },

    /** What people call these resources: by their `displayName`, and where that is not all that counts, else `userName`. */
    async namesOf(
      tenant: TenantId,
      ids: readonly ResourceId[],
      naming: 'any name' | 'displayName' = 'any name',
    ): Promise<Map<ResourceId, string>> {
      const names = new Map<ResourceId, string>();
      for (let from = 0; from < ids.length; from += MOST_IDS) {
        const batch = ids.slice(from, from + MOST_IDS);
        const rows = await documents
          .find({ _id: (batch.length === 1 ? batch[0] : { $in: batch }) as never, tenant } as never, {
            projection: { type: 1, 'r.displayName': 1, 'r.userName': 1 },
          })
          .toArray();
        for (const { _id, type, r } of rows as unknown as ResourceDocument[]) {
          const { displayName, userName } = (r ?? {}) as { displayName?: unknown; userName?: unknown };
          const name = typeof displayName === 'string' || naming === 'displayName' ? displayName : userName;
          if (typeof name === 'string' && !type.endsWith('#deleted')) names.set(_id as ResourceId, name);
        }
      }
      return names;
    },

    /**
     * Gives a resource its next version without another change to it: who is in a group has changed.
     *
     * @returns the version, or undefined where there is no such resource
     */
    async touch(tenant: TenantId, type: string, id: ResourceId, lastModified: string): Promise<number | undefined> {
      const found = await documents.findOneAndUpdate(
        { _id: id as never, tenant, type },
        { $inc: { version: 1 }, $set: { lastModified, 'k.meta.lastModified': lastModified } },
        { returnDocument: 'after', projection: { version: 1 } },
      );
      return found === null ? undefined : Number(found['version']);
    },

    /** Removes a tombstone for good, once every target knows. */
    async purge(tenant: TenantId, type: string, id: ResourceId): Promise<void> {
      await documents.deleteOne({ _id: id as never, tenant, type: tombstone(type) });
    },

    /** One page of what `types` select. Without password hashes and earlier versions: a list needs neither. */
    async list(tenant: TenantId, types: readonly TypeQuery[], page: PageRequest): Promise<ListedResource[]> {
      if (page.limit === 0 || types.length === 0) return [];
      const few = fewerIds(types, page);
      if (few !== undefined) return this.list(tenant, few.types, few.page);
      const projection = { previous: 0, password: 0, uniq: 0, ...(page.order.field === undefined ? { k: 0 } : {}) };
      const alongIds = await isBetterAlongIds(tenant, types, page);
      const hint = alongIds ? {} : hinted(types);
      const read = async (query: StoreQuery, limit: number): Promise<ResourceDocument[]> =>
        (await documents
          .find(query as never, { projection, ...hint })
          .sort(sortOf(page.order))
          .skip(page.skip ?? 0)
          .limit(limit)
          .toArray()) as unknown as ResourceDocument[];
      const { order, after, limit } = page;
      const found = alongIds
        ? await pageAlongIds(
            listName(tenant, types),
            { direction: order.direction, limit, ...(after === undefined ? {} : { after: after.id }) },
            (range, most) => read(conjoined(selecting(tenant, types), { _id: range }), most),
          )
        : await read(pageQuery(tenant, types, page), limit);
      return found.map((document) => ({
        ...fromDocument(document),
        position: positionOf(document as unknown as Readonly<Record<string, unknown>>, page.order),
      }));
    },

    /** Every resource of a type, a page at a time in the order of ids. As {@link list}, without what lists need besides. */
    async walk(tenant: TenantId, type: string, after: string, limit: number): Promise<StoredResource[]> {
      const found = await documents
        .find(
          { tenant, type, _id: { $gt: after as never } },
          { projection: { previous: 0, password: 0, uniq: 0, k: 0 } },
        )
        .sort({ _id: 1 })
        .limit(limit)
        .toArray();
      return found.map((document) => fromDocument(document as unknown as ResourceDocument));
    },

    async count(tenant: TenantId, types: readonly TypeQuery[]): Promise<number> {
      const ids = idsAlone(types);
      // Who is in a group is known by id; that each of them stands is seen to when one is deleted.
      if (ids !== undefined && ids.length > MOST_IDS) return ids.length;
      return types.length === 0 ? 0 : documents.countDocuments(selecting(tenant, types) as never, hinted(types));
    },
  };
}

/** Absent where there are none: an empty array is a key of its own, and the next resource without any would meet it. */
const uniqueOf = (keys: readonly string[]): { readonly uniq?: readonly string[] } =>
  keys.length === 0 ? {} : { uniq: keys };

/** Removes the fields that have no value. */
function unsetting(fields: Readonly<Record<string, unknown>>): { readonly $unset?: Record<string, ''> } {
  const absent = Object.keys(fields).filter((name) => fields[name] === undefined);
  return absent.length === 0 ? {} : { $unset: Object.fromEntries(absent.map((name) => [name, ''])) };
}

const hinted = (types: readonly TypeQuery[]): { readonly hint?: string } => {
  const hint = indexHint(types);
  return hint === undefined ? {} : { hint };
};

/** Lists whose ids lie about as close together. What is filtered by is not told apart: there is no end of it. */
const listName = (tenant: TenantId, types: readonly TypeQuery[]): string =>
  JSON.stringify([tenant, types.map(({ type, query }) => [type, Object.keys(query)])]);

/** Largest list of ids in one query. */
const MOST_IDS = 1_000;

/** Resources that are sorted about as quickly as they are found along the ids. */
const MUCH = 1_000;

/** More than half of a document: what is searched by, and the version before. */
const BESIDES_THE_RESOURCE = { k: 0, uniq: 0, previous: 0 } as const;
const BESIDES_THE_RESOURCE_AND_THE_VERSION_BEFORE = {
  ...{ k: 0, uniq: 0 },
  ...{ 'previous.r': 0, 'previous.k': 0, 'previous.uniq': 0, 'previous.password': 0 },
} as const;

const tombstone = (type: string): string => `${type}#deleted`;

const previousOf = (document: ResourceDocument): Previous => ({
  version: document.version,
  change: document.change as ChangeId,
  lastModified: document.lastModified,
  r: document.r,
  k: document.k,
  uniq: document.uniq ?? [],
  ...(document.password === undefined ? {} : { password: document.password }),
});

const writtenVersion = ({ version, change, lastModified }: Previous): WrittenVersion => ({
  version,
  change,
  lastModified,
});

const notFound = (type: string): ProvostError =>
  new ProvostError('NOT_FOUND', `There is no such ${type}; it may have been deleted.`);
