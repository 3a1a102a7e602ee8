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
import { asEarlierVersion, changesOf, compensationOf, creationOf, standingChange, type Versioned } from './undo-log.ts';

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
  /** The change whose version stands: not `change` where it was restored from beneath another one. */
  readonly standing?: ChangeId;
  /** The version before this one; where it was read to be written. */
  readonly upon?: WrittenVersion;
  /** Of a group whose members are not all written yet; where it was read to be written. */
  readonly writingMembers?: WritingMembers;
}

/**
 * The members of a group that belong to its version and are being written. Until that is done, readers see the group in
 * the version before, so that nobody takes half of the members for all of them.
 */
export interface WritingMembers {
  readonly change: ChangeId;
  readonly version: number;
  /** Earlier changes of the group that may still be compensated. */
  readonly upon?: readonly ChangeId[];
  /** Of a compensation: the changes whose memberships it reverts. */
  readonly reverts?: readonly ChangeId[];
}

/** How a new version is written upon the one that stands. */
export interface UponVersion {
  /** The version that it was decided on. */
  readonly version: number;
  /** The change whose version stands may still be compensated; found out while the version is read. */
  readonly keepsEarlier: boolean | Promise<boolean>;
  /** Members belong to the new version, and are written after it. */
  readonly writesMembers?: boolean;
}

/** How a change is compensated in the store that cannot be as usual. */
export interface RestoreOrder {
  /** What it wrote stays, and can be compensated no more. */
  readonly keep?: boolean;
  /** What stands again in place of what stood before it. */
  edited?(before: StoredResource): Pick<ResourceWrite, 'resource' | 'shadow' | 'uniqueKeys'>;
}

/** What came of compensating a change in the store. */
export type Restored =
  /** What stood before it stands again, in a version of its own. `reverts`: whose memberships are to be reverted with it. */
  | { readonly kind: 'restored'; readonly version: number; readonly reverts: readonly ChangeId[] }
  /** Nothing stood before it, and nothing of it is left. */
  | { readonly kind: 'erased' }
  /** Later changes lie on top of it. It goes when the last of them is compensated. */
  | { readonly kind: 'kept' };

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

interface ResourceDocument extends Versioned {
  readonly _id: string;
  readonly tenant: string;
  /** The resource type; a tombstone carries `<type>#deleted` and is seen by no query. */
  readonly type: string;
  readonly store: string;
  readonly created: string;
  readonly grouped?: boolean;
  readonly writingMembers?: WritingMembers;
  /** Counts versions taken out from beneath, which leaves `version` as it is. */
  readonly revision?: number;
  /** The last few changes that were compensated here: doing it again does nothing. */
  readonly restoredLately?: readonly ChangeId[];
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
    restored: { type: String },
    createdBy: { type: String },
    compensated: { type: [String], default: undefined },
    writingMembers: { type: Schema.Types.Mixed },
    revision: { type: Number },
    restoredLately: { type: [String], default: undefined },
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

  /** As readers see it: a group whose members are being written is still in the version before. */
  const asRead = (found: ResourceDocument): StoredResource => {
    const { writingMembers, ...stored } = fromDocument(found);
    return writingMembers === undefined ? stored : { ...stored, version: writingMembers.version - 1 };
  };

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
    ...(found.restored === undefined && found.begun === undefined ? {} : { standing: standingChange(found) }),
    ...(found.previous === undefined ? {} : { upon: writtenVersion(found.previous) }),
    ...(found.writingMembers === undefined ? {} : { writingMembers: found.writingMembers }),
  });

  async function findDocument(tenant: TenantId, type: string, id: ResourceId): Promise<ResourceDocument | undefined> {
    return ((await documents.findOne({ _id: id as never, tenant, type })) ?? undefined) as ResourceDocument | undefined;
  }

  /** Selects the document as it was read: nothing was written, and nothing taken out, since. */
  const asItWas = ({ _id, tenant, type, version, change, revision }: ResourceDocument) => ({
    _id: _id as never,
    tenant,
    type,
    version,
    change,
    revision: revision ?? { $exists: false },
  });

  async function writeVersion(
    write: ResourceWrite,
    before: ResourceDocument,
    upon: UponVersion,
    keepsEarlier: boolean,
  ): Promise<WritingMembers | undefined> {
    const { password, ...rest } = toDocument(write);
    const createdBy = creationOf(before);
    const { change, version } = write;
    const previous = asEarlierVersion(before, keepsEarlier);
    const stacked = keepsEarlier ? { upon: changesOf(previous) } : {};
    const writingMembers = upon.writesMembers === true ? { change, version, ...stacked } : undefined;
    try {
      const result = await documents.updateOne(asItWas(before) as never, {
        $set: {
          ...rest,
          ...(password === undefined ? {} : { password }),
          ...(createdBy === undefined ? {} : { createdBy }),
          ...(writingMembers === undefined ? {} : { writingMembers }),
          previous,
        },
        ...unsetting({ password, uniq: rest.uniq, ...OF_THE_VERSION_BEFORE }),
      });
      if (result.matchedCount === 0) throw writtenMeanwhile('this change');
      return writingMembers;
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
    (projection: Readonly<Record<string, number>>, read: (found: ResourceDocument) => StoredResource) =>
    async (tenant: TenantId, type: string, id: ResourceId): Promise<StoredResource | undefined> => {
      const query = { _id: id as never, tenant, type };
      const found = (await documents.findOne(query, { projection })) as unknown as ResourceDocument | null;
      return found === null ? undefined : read(found);
    };

  return {
    find: finding(BESIDES_THE_RESOURCE, asRead),

    /** As `find`, with the version before, and in its own version even while the members of that are being written. */
    findToWrite: finding(BESIDES_THE_RESOURCE_AND_THE_VERSION_BEFORE, fromDocument),

    /** The resource that holds a unique key. */
    async findByKey(tenant: TenantId, type: string, key: string): Promise<StoredResource | undefined> {
      const found = (await documents.findOne({ tenant, type, uniq: key })) as ResourceDocument | null;
      return found === null ? undefined : asRead(found);
    },

    /** @returns the version before the one that `change` wrote: `none` for a create, undefined where it wrote nothing */
    async findBefore(
      tenant: TenantId,
      type: string,
      id: ResourceId,
      change: ChangeId,
    ): Promise<StoredResource | 'none' | undefined> {
      const found = (await findDocument(tenant, type, id)) ?? (await findDocument(tenant, tombstone(type), id));
      const compensation = found === undefined ? undefined : compensationOf(found, change);
      if (found === undefined || compensation?.kind === 'erase') return found && 'none';
      if (compensation?.kind !== 'restore') return undefined;
      return fromDocument({ ...found, ...compensation.before, type });
    },

    /** Whether what stands, its tombstone, or the version before, was written by this change. */
    async wrote(tenant: TenantId, id: ResourceId, change: ChangeId): Promise<boolean> {
      const found = await documents.findOne(
        { _id: id as never, tenant },
        { projection: { change: 1, restored: 1, begun: 1, 'previous.change': 1, 'previous.previous.change': 1 } },
      );
      if (found === null) return false;
      const { change: last, previous } = found as unknown as ResourceDocument;
      const standing = standingChange(found as unknown as ResourceDocument);
      return [last, standing, previous?.change, previous?.previous?.change].includes(change);
    },

    /**
     * Writes a new resource. Repeating it for the same change does nothing.
     *
     * @param writesMembers members belong to it, and are written after it
     * @returns what stands, where the same change had written it before
     * @throws ProvostError `UNIQUENESS` where one of its unique keys is taken
     */
    async insert(write: ResourceWrite, writesMembers = false): Promise<StoredResource | undefined> {
      const { change, version } = write;
      const members = writesMembers ? { writingMembers: { change, version } } : {};
      try {
        await documents.insertOne({ ...toDocument(write), createdBy: change, ...members } as never);
        return undefined;
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        const standing = await findDocument(write.tenant, write.type, write.id);
        if (standing !== undefined && standingChange(standing) === change) return fromDocument(standing);
        const { previous } = standing ?? {};
        // Something urgent was written upon it before it was known that it had been done.
        if (standing !== undefined && previous?.change === change) return fromDocument({ ...standing, ...previous });
        throw await taken(write.tenant, write.type, write.id, write.uniqueKeys);
      }
    },

    /**
     * Writes the next version of a resource, if it still is at the version given.
     *
     * @returns how its members are to be written, where there are any to write
     * @throws ProvostError `CONCURRENT_WRITE`, `UNIQUENESS`, `NOT_FOUND`
     */
    async replace(write: ResourceWrite, upon: UponVersion): Promise<WritingMembers | undefined> {
      const { tenant, type, id } = write;
      const [before, keepsEarlier] = await Promise.all([findDocument(tenant, type, id), upon.keepsEarlier]);
      if (before === undefined) throw notFound(type);
      if (before.change === write.change) return before.writingMembers;
      if (before.version !== upon.version) throw writtenMeanwhile('this change');
      return writeVersion(write, before, upon, keepsEarlier);
    },

    /** All members that belong to the version of a change are written: readers see it from now on. */
    async membersWritten(tenant: TenantId, group: ResourceId, change: ChangeId): Promise<void> {
      await documents.updateOne({ _id: group as never, tenant, 'writingMembers.change': change } as never, {
        $unset: { writingMembers: '' },
      });
    },

    /**
     * Takes a resource out of every query and frees its unique keys; {@link purge} removes what is left.
     *
     * @param keepsEarlier as in {@link UponVersion}
     * @returns whether it had been in a group when it was removed
     */
    async remove(
      tenant: TenantId,
      type: string,
      id: ResourceId,
      change: ChangeId,
      lastModified: string,
      keepsEarlier = false,
    ): Promise<{ readonly grouped: boolean }> {
      const before = await findDocument(tenant, type, id);
      if (before === undefined) {
        const gone = await findDocument(tenant, tombstone(type), id);
        if (gone?.change === change) return { grouped: gone.grouped === true };
        throw notFound(type);
      }
      const createdBy = creationOf(before);
      const removed = await documents.findOneAndUpdate(
        asItWas(before) as never,
        {
          $set: {
            type: tombstone(type),
            change,
            lastModified,
            version: before.version + 1,
            k: {},
            ...(createdBy === undefined ? {} : { createdBy }),
            previous: asEarlierVersion(before, keepsEarlier),
          },
          ...unsetting({ uniq: undefined, ...OF_THE_VERSION_BEFORE }),
        },
        { projection: { grouped: 1 } },
      );
      if (removed === null) throw writtenMeanwhile('its deletion');
      return { grouped: removed['grouped'] === true };
    },

    /**
     * Compensates a change: what stood before it stands again. Where later changes lie on top of it their version
     * stays, and what stood before them is then what stood before it; so the changes may be compensated in any order.
     * Repeating it does nothing.
     *
     * @throws ProvostError `UNIQUENESS` where a name that was freed has been taken meanwhile; nothing is written then
     * @throws ProvostError `CONCURRENT_WRITE`
     */
    async restore(
      tenant: TenantId,
      type: string,
      id: ResourceId,
      change: ChangeId,
      restoredBy: ChangeId,
      order: RestoreOrder = {},
    ): Promise<Restored> {
      const found = (await findDocument(tenant, type, id)) ?? (await findDocument(tenant, tombstone(type), id));
      if (found === undefined) return { kind: 'erased' };
      const { writingMembers } = found;
      if (found.restoredLately?.includes(change) || found.change === restoredBy) {
        const mine = writingMembers?.change === restoredBy ? writingMembers : undefined;
        return { kind: 'restored', version: mine?.version ?? found.version, reverts: mine?.reverts ?? [] };
      }
      const compensation = compensationOf(found, change);
      if (compensation.kind === 'none') return { kind: 'kept' };
      if (order.keep === true && compensation.kind !== 'take-out') {
        const creation = creationOf(found);
        const standing = standingChange(found);
        const fields = {
          createdBy: creation === change ? restoredBy : creation,
          restored: standing === found.change ? undefined : standing,
        };
        const written = await documents.updateOne(asItWas(found) as never, {
          $set: { ...defined(fields), revision: (found.revision ?? 0) + 1 },
          ...unsetting({ ...fields, previous: undefined, compensated: undefined, begun: undefined }),
        });
        if (written.matchedCount === 0) throw writtenMeanwhile('its compensation');
        return { kind: 'kept' };
      }
      if (compensation.kind === 'erase') {
        const { deletedCount } = await documents.deleteOne(asItWas(found) as never);
        if (deletedCount === 0) throw writtenMeanwhile('its compensation');
        return { kind: 'erased' };
      }
      if (compensation.kind === 'take-out') {
        const { previous, compensated, createdBy } = compensation.fields;
        const standing = standingChange(found);
        const restored = standing === found.change ? undefined : standing;
        const fields = { previous, compensated, createdBy, restored };
        const written = await documents.updateOne(asItWas(found) as never, {
          $set: { ...defined(fields), revision: (found.revision ?? 0) + 1 },
          ...unsetting({ ...fields, begun: undefined }),
        });
        if (written.matchedCount === 0) throw writtenMeanwhile('its compensation');
        return { kind: 'kept' };
      }
      // Half of the members would be taken for all of them.
      if (writingMembers !== undefined) throw writtenMeanwhile('its compensation');
      const { password, previous, compensated, change: standing, ...before } = compensation.before;
      const edited = order.edited?.(fromDocument({ ...found, ...compensation.before, type }));
      const uniq = edited?.uniqueKeys ?? before.uniq;
      const version = found.version + 1;
      const reverts = [change, ...(found.compensated ?? [])];
      const restoredLately = [...(found.restoredLately ?? []), change].slice(-RESTORED_LATELY);
      const createdBy = creationOf(found);
      try {
        const written = await documents.updateOne(asItWas(found) as never, {
          $set: {
            ...before,
            ...(edited === undefined ? {} : { r: form.toStored(edited.resource), k: form.toStored(edited.shadow) }),
            type,
            version,
            change: restoredBy,
            restored: standing,
            restoredLately,
            ...uniqueOf(uniq),
            ...defined({ password, previous, compensated, createdBy }),
            ...(type === 'Group' ? { writingMembers: { change: restoredBy, version, reverts } } : {}),
          },
          ...unsetting({ previous, compensated, password, uniq: uniqueOf(uniq).uniq, begun: undefined }),
        });
        if (written.matchedCount === 0) throw writtenMeanwhile('its compensation');
      } catch (error) {
        throw isDuplicateKey(error) ? await taken(tenant, type, id, uniq) : error;
      }
      return { kind: 'restored', version, reverts };
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
     * Gives groups their next version without another change to them: who is in them has changed.
     *
     * @returns versions that hold it; groups that are gone are left out
     */
    async touchGroups(
      tenant: TenantId,
      groups: readonly ResourceId[],
      lastModified: string,
    ): Promise<Map<ResourceId, number>> {
      const versions = new Map<ResourceId, number>();
      for (let from = 0; from < groups.length; from += MOST_IDS) {
        const batch = groups.slice(from, from + MOST_IDS);
        const query = { _id: (batch.length === 1 ? batch[0] : { $in: batch }) as never, tenant, type: 'Group' };
        await documents.updateMany(query as never, {
          $inc: { version: 1 },
          $set: { lastModified, 'k.meta.lastModified': lastModified },
        });
        const found = await documents.find(query as never, { projection: { version: 1 } }).toArray();
        for (const { _id, version } of found as unknown as ResourceDocument[]) versions.set(_id as ResourceId, version);
      }
      return versions;
    },

    /** Removes the password hashes of the versions before one whose change has settled: nothing brings them back. */
    async forgetEarlierPasswords(tenant: TenantId, type: string, id: ResourceId, change: ChangeId): Promise<void> {
      await documents.updateOne(
        { _id: id as never, tenant, type, change, 'previous.version': { $exists: true } },
        { $unset: { 'previous.password': '', 'previous.previous.password': '' } },
      );
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
        ...asRead(document),
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
      return found.map((document) => asRead(document as unknown as ResourceDocument));
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
  ...{ 'previous.r': 0, 'previous.k': 0, 'previous.uniq': 0, 'previous.password': 0, 'previous.previous': 0 },
} as const;

const tombstone = (type: string): string => `${type}#deleted`;

/** What was said of the version before, and is not true of the one that is written upon it. */
const OF_THE_VERSION_BEFORE = { restored: undefined, compensated: undefined, begun: undefined } as const;

/** Changes that are remembered as compensated. */
const RESTORED_LATELY = 10;

const defined = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

const writtenMeanwhile = (what: string): ProvostError =>
  new ProvostError('CONCURRENT_WRITE', `The resource changed while ${what} was decided.`);

const writtenVersion = ({ version, change, lastModified }: WrittenVersion): WrittenVersion => ({
  version,
  change,
  lastModified,
});

const notFound = (type: string): ProvostError =>
  new ProvostError('NOT_FOUND', `There is no such ${type}; it may have been deleted.`);
