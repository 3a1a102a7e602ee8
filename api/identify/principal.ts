import type { ResourceId, ServiceProviderId, TenantId } from '../../domain/ids.ts';
import { personName } from '../../domain/person.ts';
import type { Credential, Role } from '../../stores/credentials.ts';

/** Who calls, proven: which credential, for which tenant and service provider, and what it may do. */
export interface Principal {
  readonly tenant: TenantId;
  /** Credential id, `user:<id>` for a person by his own password; what the audit trail names as actor. */
  readonly credential: string;
  readonly serviceProvider: ServiceProviderId;
  readonly scopes: readonly string[];
  readonly roles: readonly Role[];
  readonly method: 'basic' | 'bearer';
  /** The person behind the caller, whom /Me is; absent where a client calls for itself. */
  readonly user?: ResourceId;
}

/** Who calls by a credential of his own, with all that it may do. */
export const principalFor = (credential: Credential, method: Principal['method']): Principal => ({
  tenant: credential.tenant,
  credential: credential.id,
  serviceProvider: credential.serviceProvider,
  scopes: credential.scopes,
  roles: credential.roles,
  method,
  ...(credential.user === undefined ? {} : { user: credential.user }),
});

/** Whether the caller is a person who has just shown their own password, and not a credential or token that speaks for them. */
export const provedPassword = ({ method, credential, user }: Principal): boolean =>
  method === 'basic' && user !== undefined && credential === personName(user);
