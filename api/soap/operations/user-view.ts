import { asResourceId } from '../../../domain/ids.ts';
import type { ScimObject } from '../../../domain/scim/resource.ts';
import type { StoredResource } from '../../../stores/resources.ts';
import type { Call } from '../call.ts';
import { rolesOf } from './role-members.ts';

/** A user with what the server says of him, for claims to be read from. Groups are looked up where a claim wants them. */
export async function userView(
  call: Call,
  { id, created, lastModified, resource }: StoredResource,
  wantsGroups: boolean,
): Promise<ScimObject> {
  const groups = wantsGroups ? await rolesOf(call, asResourceId(id)) : [];
  return {
    ...resource,
    id,
    meta: { resourceType: call.types.user.name, created, lastModified },
    ...(groups.length === 0 ? {} : { groups: groups.map((role) => ({ value: role.id, display: role.name })) }),
  };
}
