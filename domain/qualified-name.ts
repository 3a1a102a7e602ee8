import type { TenantId } from './ids.ts';

/**
 * `name@tenant`, how a name that is unique within its tenant is said where the tenant is not known yet: credentials with
 * a chosen name, and users who sign in by their own passwords. Two tenants can never claim the same one, so whether a
 * name is free tells nothing of another tenant.
 */
export const qualifiedName = (name: string, tenant: TenantId): string => `${name}@${tenant}`;
