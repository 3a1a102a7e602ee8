import type { ChangeBody } from '../../domain/change.ts';
import type { ResourceTypeDefinition } from '../../domain/scim/schema/definition.ts';
import type { ChangeStore } from '../../stores/changes.ts';
import type { MembershipWrite } from '../../stores/memberships.ts';
import type { ResourceStore, ResourceWrite, StoredResource } from '../../stores/resources.ts';
import { keepsEarlier } from './keeps-earlier.ts';
import {
  differenceOf,
  type KnownMembers,
  type MemberDifference,
  type MembersDependencies,
  partMembers,
  type WrittenBody,
} from './members.ts';
import { revertMembers, type WriteMembersDependencies, writeMembers } from './write-members.ts';

export interface CommitDependencies {
  readonly resources: ResourceStore;
  readonly memberships: MembersDependencies['memberships'] & WriteMembersDependencies['memberships'];
  readonly changes: Pick<ChangeStore, 'find' | 'findWithBody'>;
}

/** What a change does to the members of a group, and those that it names. */
export interface PlannedMembers {
  readonly difference: MemberDifference;
  readonly known: KnownMembers;
}

/**
 * Writes a resource, and after it the members that belong to its version. The one document is the commit: a change that
 * is rejected is rejected by it at the latest, and has written nothing.
 *
 * @returns what stands, where an earlier attempt of the same change had written it
 * @throws ProvostError `UNIQUENESS`, `CONCURRENT_WRITE`, `NOT_FOUND`
 */
export async function commit(
  next: ResourceWrite,
  before: StoredResource | undefined,
  members: PlannedMembers | undefined,
  type: ResourceTypeDefinition,
  dependencies: CommitDependencies,
): Promise<StoredResource | undefined> {
  const { resources, changes } = dependencies;
  const { tenant, id: group, change } = next;
  const writesMembers = members !== undefined;
  let written: StoredResource | undefined;
  let stacked: Pick<MembershipWrite, 'upon'> = {};
  if (before === undefined) {
    written = await resources.insert(next, writesMembers);
    if (written?.writingMembers !== undefined) {
      await finishMembers(written, type, dependencies);
      return written;
    }
  } else {
    if (writesMembers) await finishMembers(before, type, dependencies);
    const upon = { version: before.version, keepsEarlier: keepsEarlier(before, changes), writesMembers };
    const writing = await resources.replace(next, upon);
    if (writing?.upon !== undefined) stacked = { upon: writing.upon };
  }
  if (members !== undefined) {
    const write = { tenant, group, change, version: next.version, ...stacked };
    await writeMembers(write, members.difference, members.known, dependencies);
  }
  return written;
}

/** Finishes writing the members that belong to the version of a group that stands, where an attempt at it was cut off. */
export async function finishMembers(
  { tenant, id: group, writingMembers }: Pick<StoredResource, 'tenant' | 'id' | 'writingMembers'>,
  type: ResourceTypeDefinition,
  dependencies: CommitDependencies,
): Promise<void> {
  if (writingMembers === undefined) return;
  const { change, version, upon, reverts } = writingMembers;
  const write = { tenant, group, change, version, ...(upon === undefined ? {} : { upon }) };
  if (reverts !== undefined)
    return revertMembers({ tenant, group, version, restoredBy: change, reverts }, dependencies);
  const body = (await dependencies.changes.findWithBody(tenant, change))?.body;
  const operations = body === undefined || !isWritten(body) ? [] : partMembers(body, type).members;
  const difference = await differenceOf(write, operations, dependencies);
  const known = await dependencies.resources.typesOf(tenant, [...difference.joining]);
  await writeMembers(write, difference, known, dependencies);
}

const isWritten = (body: ChangeBody): body is WrittenBody => body.kind !== 'delete' && body.kind !== 'reproject';
