import type { TenantId } from '../../domain/ids.ts';
import type { Target } from '../../domain/policy.ts';
import type { Sealer } from '../../domain/sealing.ts';
import type { AuditTrail } from '../../stores/audit.ts';
import type { ChangeStore } from '../../stores/changes.ts';
import type { CredentialStore } from '../../stores/credentials.ts';
import type { DeviationStore } from '../../stores/deviations.ts';
import type { PolicyStore } from '../../stores/policies.ts';
import type { ResourceStore } from '../../stores/resources.ts';
import type { Operate } from './changes/operate.ts';
import type { PolicyEdits } from './policy-edits.ts';
import type { FindConnectorType } from './targets/settings.ts';

/** What the administration API needs of its surroundings. */
export interface AdminDependencies {
  readonly policies: Pick<PolicyStore, 'current' | 'at' | 'write' | 'newestVersions'>;
  readonly credentials: Pick<CredentialStore, 'list' | 'add' | 'remove' | 'removeOfServiceProvider'>;
  readonly resources: Pick<ResourceStore, 'find' | 'count'>;
  readonly changes: Pick<ChangeStore, 'find' | 'list'>;
  readonly deviations: Pick<DeviationStore, 'of' | 'reset'>;
  readonly audit: Pick<AuditTrail, 'ofChange' | 'ofResource' | 'verify'>;
  readonly findConnectorType: FindConnectorType;
  /** Seals secret settings. They are only opened to check a target's settings as a whole when it is saved. */
  readonly sealer: Sealer;
  /** argon2id, in PHC form. */
  hashSecret(secret: string): Promise<string>;
  /** Makes this process notice at once that a credential was changed. */
  forgetCredential(id: string): void;
  /** Connects to a target and proves its credentials. @throws ProvostError `TARGET_*` */
  testTarget(tenant: TenantId, target: Target): Promise<void>;
  readonly operate: Operate;
  now(): Date;
}

/** What the routes are made with. */
export interface RoutesDependencies extends AdminDependencies {
  readonly edits: PolicyEdits;
}
