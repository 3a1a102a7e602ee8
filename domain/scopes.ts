/** What a caller wants to do with SCIM resources. */
export type Verb = 'create' | 'view' | 'list' | 'update' | 'delete';

/** Scopes that Provost defines. `scim` covers both. */
export const SCOPES = ['scim', 'scim:read', 'scim:write', 'admin', 'operate', 'audit'] as const;
export type Scope = (typeof SCOPES)[number];

/**
 * Scopes of WSO2 Identity Server that its clients have in their tokens; they are accepted beside ours.
 * Groups answer to `internal_role_mgt_*` and, in newer builds, `internal_group_mgt_*`.
 */
const WSO2_RESOURCE: Readonly<Record<string, readonly string[]>> = {
  User: ['user_mgt'],
  Group: ['role_mgt', 'group_mgt'],
};

/** @returns whether one of the granted scopes covers the verb on this resource type */
export function coversScim(granted: readonly string[], verb: Verb, resourceType: string): boolean {
  const reads = verb === 'view' || verb === 'list';
  if (granted.includes('scim') || granted.includes(reads ? 'scim:read' : 'scim:write')) return true;
  const names = WSO2_RESOURCE[resourceType] ?? [];
  return names.some((name) => granted.includes(`internal_${name}_${verb}`));
}
