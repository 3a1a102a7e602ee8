import { ProvostError } from '../../domain/errors.ts';
import type { TenantId } from '../../domain/ids.ts';
import type { Scope } from '../../domain/scopes.ts';
import type { Role } from '../../stores/credentials.ts';
import type { Principal } from '../identify/principal.ts';

/** What each thing one can do here takes: any one of these roles. What is not listed is not allowed. */
export const PERMISSIONS = {
  'manage tenants': ['platform-admin'],
  'view configuration': ['admin', 'operator', 'auditor', 'platform-admin'],
  configure: ['admin', 'platform-admin'],
  'test targets': ['admin', 'operator', 'platform-admin'],
  'view changes': ['admin', 'operator', 'auditor'],
  operate: ['admin', 'operator'],
  audit: ['admin', 'operator', 'auditor'],
} as const satisfies Record<string, readonly Role[]>;

export type Permission = keyof typeof PERMISSIONS;

/** A bearer token carries a role only together with this scope, so that a client can ask for a weaker token. */
export const SCOPE_OF_ROLE: Readonly<Record<Role, Scope>> = {
  'platform-admin': 'admin',
  admin: 'admin',
  operator: 'operate',
  auditor: 'audit',
};

/** Roles that count for this call: all of a Basic credential's, those of a client that its token's scopes cover. */
export const effectiveRoles = ({ roles, scopes, method }: Principal): readonly Role[] =>
  method === 'basic' ? roles : roles.filter((role) => scopes.includes(SCOPE_OF_ROLE[role]));

/**
 * A platform administrator may configure every tenant, because a new one has nobody else; every other role counts in
 * the caller's own tenant only.
 *
 * @param tenant undefined for what belongs to no tenant
 * @throws ProvostError `FORBIDDEN`
 */
export function authorise(principal: Principal, permission: Permission, tenant: TenantId | undefined): void {
  const isElsewhere = tenant !== undefined && tenant !== principal.tenant;
  const held = effectiveRoles(principal).filter((role) => !isElsewhere || role === 'platform-admin');
  const enough: readonly Role[] = PERMISSIONS[permission];
  if (held.some((role) => enough.includes(role))) return;
  throw new ProvostError('FORBIDDEN', refusal(principal, isElsewhere, enough));
}

function refusal({ roles, method }: Principal, isElsewhere: boolean, enough: readonly Role[]): string {
  if (isElsewhere) return 'These credentials belong to another tenant.';
  const uncovered = method === 'bearer' ? roles.find((role) => enough.includes(role)) : undefined;
  if (uncovered !== undefined) {
    return `The client has the role ${uncovered}, but its token lacks the scope ${SCOPE_OF_ROLE[uncovered]}.`;
  }
  return `This takes the role ${enough.join(' or ')}, which these credentials do not have.`;
}
