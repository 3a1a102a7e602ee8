import { asResourceId, type TenantId } from '../../domain/ids.ts';
import { GROUP_SCHEMA, type ScimObject, USER_SCHEMA } from '../../domain/scim/resource.ts';
import type { ResourceTypeDefinition } from '../../domain/scim/schema/definition.ts';
import type { GroupOfMember, MemberOfGroup, MembershipReader } from '../../stores/membership-reader.ts';
import type { Selection } from './render.ts';

/** A resource that is about to be shown. */
export interface Shown {
  readonly id: string;
  readonly type: ResourceTypeDefinition;
  /** It is, or was, in a group. */
  readonly grouped?: boolean;
}

export type ComputeAttributes = (
  tenant: TenantId,
  shown: readonly Shown[],
  baseUrl: string,
  selection: Selection,
) => Promise<ReadonlyMap<string, ScimObject>>;

/** The computed attributes of one resource that is about to be shown. */
export async function computedOf(
  tenant: TenantId,
  { id, grouped = false }: { readonly id: string; readonly grouped?: boolean },
  type: ResourceTypeDefinition,
  baseUrl: string,
  selection: Selection,
  { computed }: { readonly computed?: ComputeAttributes },
): Promise<ScimObject | undefined> {
  return (await computed?.(tenant, [{ id, type, grouped }], baseUrl, selection))?.get(id);
}

/**
 * Attributes that are not stored with a resource: `groups` of users and `members` of groups, read as edges, and only
 * where the answer shows them. A group with too many members is shown without; `GET /Users?filter=groups.value eq "…"`
 * lists them page by page.
 *
 * @returns by resource id; a resource without any is left out
 */
export function createComputedAttributes(reader: Pick<MembershipReader, 'groupsOf' | 'membersOf'>): ComputeAttributes {
  return async (tenant, shown, baseUrl, selection) => {
    const computed = new Map<string, ScimObject>();
    const members = shown.filter(({ type, grouped }) => grouped && type.schema.id === USER_SCHEMA);
    if (members.length > 0 && isShown('groups', USER_SCHEMA, selection)) {
      const found = await reader.groupsOf(
        tenant,
        members.map(({ id }) => asResourceId(id)),
      );
      for (const [id, groups] of found)
        computed.set(id, { groups: groups.map((group) => groupElement(group, baseUrl)) });
    }
    const groups = shown.filter(({ type }) => type.schema.id === GROUP_SCHEMA);
    if (groups.length > 0 && isShown('members', GROUP_SCHEMA, selection)) {
      const found = await reader.membersOf(
        tenant,
        groups.map(({ id }) => asResourceId(id)),
        selection.memberNames ?? 'displayName',
      );
      for (const [id, list] of found)
        if (list !== undefined && list.length > 0)
          computed.set(id, { members: list.map((member) => memberElement(member, baseUrl)) });
    }
    return computed;
  };
}

function isShown(name: string, schema: string, { attributes, excludedAttributes }: Selection): boolean {
  const names = (list: readonly string[]): string[] =>
    list.map((path) => path.toLowerCase().replace(`${schema.toLowerCase()}:`, '').split('.')[0] ?? '');
  if (attributes !== undefined) return names(attributes).includes(name);
  return !(excludedAttributes ?? []).some((path) => names([path])[0] === name && !path.includes(`${name}.`));
}

const groupElement = ({ id, display, direct }: GroupOfMember, baseUrl: string): ScimObject => ({
  value: id,
  $ref: `${baseUrl}/Groups/${id}`,
  ...(display === undefined ? {} : { display }),
  type: direct ? 'direct' : 'indirect',
});

const memberElement = ({ id, type, display }: MemberOfGroup, baseUrl: string): ScimObject => ({
  value: id,
  $ref: `${baseUrl}/${type}s/${id}`,
  ...(display === undefined ? {} : { display }),
  type,
});
