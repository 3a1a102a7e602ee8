import type { TargetId, TenantId } from '../../domain/ids.ts';
import type { Target } from '../../domain/policy.ts';
import type { Sealer } from '../../domain/sealing.ts';
import type { AccountDecisionStore } from '../../stores/account-decisions.ts';
import type { ApprovalStore } from '../../stores/approvals.ts';
import type { AuditTrail } from '../../stores/audit.ts';
import type { AwaitedMemberStore } from '../../stores/awaited-members.ts';
import type { ChangeStore } from '../../stores/changes.ts';
import type { CredentialStore } from '../../stores/credentials.ts';
import type { DelegationStore } from '../../stores/delegations.ts';
import type { DeletionCountStore } from '../../stores/deletion-counts.ts';
import type { DeviationStore } from '../../stores/deviations.ts';
import type { FindingStore } from '../../stores/findings.ts';
import type { JobStore } from '../../stores/jobs.ts';
import type { LinkStore } from '../../stores/links.ts';
import type { MembershipStore } from '../../stores/memberships.ts';
import type { NoticeStore } from '../../stores/notices.ts';
import type { PolicyStore } from '../../stores/policies.ts';
import type { ResourceStore } from '../../stores/resources.ts';
import type { RetentionStore } from '../../stores/retentions.ts';
import type { StagedDeletionStore } from '../../stores/staged-deletions.ts';
import type { StepEditStore } from '../../stores/step-edits.ts';
import type { TargetStateStore } from '../../stores/target-states.ts';
import type { WebhookStore } from '../../stores/webhooks.ts';
import type { Reproject } from './accounts/reproject.ts';
import type { Operate } from './changes/operate.ts';
import type { JobControl } from './jobs/control.ts';
import type { PolicyEdits } from './policy-edits.ts';
import type { RecordDeed } from './record.ts';
import type { FindConnectorType } from './targets/settings.ts';

/** What the administration API needs of its surroundings. */
export interface AdminDependencies {
  readonly policies: Pick<PolicyStore, 'current' | 'at' | 'write' | 'newestVersions'>;
  readonly credentials: Pick<
    CredentialStore,
    'list' | 'find' | 'add' | 'rotate' | 'remove' | 'removeOfServiceProvider'
  >;
  readonly resources: Pick<ResourceStore, 'find' | 'findByKey' | 'count' | 'walk' | 'namesOf'>;
  readonly changes: Pick<ChangeStore, 'find' | 'list' | 'countParked' | 'serviceProvidersOf' | 'openOfJobs'>;
  readonly links: Pick<LinkStore, 'standingsOf' | 'find' | 'remoteIds' | 'ofResource' | 'ofTarget'>;
  readonly approvals: Pick<ApprovalStore, 'find' | 'list'>;
  readonly delegations: DelegationStore;
  readonly notices: Pick<NoticeStore, 'ofApproval'>;
  readonly webhooks: Pick<WebhookStore, 'add' | 'list' | 'replaceSecret' | 'remove'>;
  readonly memberships: MembershipStore;
  readonly awaitedMembers: Pick<AwaitedMemberStore, 'referencesOf'>;
  readonly jobs: Pick<JobStore, 'find' | 'list' | 'failed' | 'isReconciling'>;
  readonly findings: Pick<FindingStore, 'find' | 'list' | 'count' | 'decide'>;
  readonly jobControl: JobControl;
  readonly deviations: Pick<DeviationStore, 'of' | 'reset'>;
  readonly audit: Pick<AuditTrail, 'append' | 'appendAdministrative' | 'ofChange' | 'ofResource' | 'verify' | 'alarms'>;
  readonly targetStates: Pick<TargetStateStore, 'find' | 'closedOf' | 'update'>;
  readonly retentions: Pick<RetentionStore, 'ofTarget'>;
  readonly stagedDeletions: Pick<StagedDeletionStore, 'count' | 'countByTarget' | 'decide'>;
  readonly deletionCounts: Pick<DeletionCountStore, 'used'>;
  /** Steps in the queues of a target. */
  waitingSteps(tenant: TenantId, target: TargetId): Promise<number>;
  readonly findConnectorType: FindConnectorType;
  /** Seals secret settings. They are only opened to check a target's settings as a whole when it is saved. */
  readonly sealer: Sealer;
  /** argon2id, in PHC form. */
  hashSecret(secret: string): Promise<string>;
  /** Makes this process notice at once that a credential was changed. */
  forgetCredential(id: string): void;
  /** Connects to a target and proves its credentials. @throws ProvostError `TARGET_*` */
  testTarget(tenant: TenantId, target: Target): Promise<void>;
  readonly stepEdits: Pick<StepEditStore, 'put'>;
  readonly operate: Operate;
  readonly reproject: Reproject;
  readonly accountDecisions: Pick<AccountDecisionStore, 'put'>;
  now(): Date;
}

/** What the routes are made with. */
export interface RoutesDependencies extends AdminDependencies {
  readonly edits: PolicyEdits;
  readonly record: RecordDeed;
}
