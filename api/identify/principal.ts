import type { ResourceId, ServiceProviderId, TenantId } from '../../domain/ids.ts';
import type { Role } from '../../stores/credentials.ts';

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
