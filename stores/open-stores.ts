import type { Connection } from 'mongoose';
import { fromStored, toStored } from '../domain/scim/stored-form.ts';
import type { Sealer } from '../domain/sealing.ts';
import { createAccountDecisionStore } from './account-decisions.ts';
import { createApprovalStore } from './approvals.ts';
import type { AuditAlarm } from './audit/alarms.ts';
import { openAuditTrail } from './audit.ts';
import { createAwaitedMemberStore } from './awaited-members.ts';
import { createBootstrapMarks } from './bootstrap-marks.ts';
import { createBulkRequestStore } from './bulk-requests.ts';
import { createChangeStore } from './changes.ts';
import { createCredentialStore } from './credentials.ts';
import { createDelegationStore } from './delegations.ts';
import { createDeletionCountStore } from './deletion-counts.ts';
import { createDeviationStore } from './deviations.ts';
import { createFindingStore } from './findings.ts';
import { createJobStore } from './jobs.ts';
import { createLeaseStore } from './leases.ts';
import { createLinkStore } from './links.ts';
import { createMembershipStore } from './memberships.ts';
import { createNoticeStore } from './notices.ts';
import { createPolicyStore } from './policies.ts';
import { createResourceStore } from './resources.ts';
import { createRetentionStore } from './retentions.ts';
import { createSecretStore } from './secrets.ts';
import { createSigningKeyStore } from './signing-keys.ts';
import { createSoapSessionStore } from './soap-sessions.ts';
import { createStagedDeletionStore } from './staged-deletions.ts';
import { createStepEditStore } from './step-edits.ts';
import { createTargetStateStore } from './target-states.ts';
import { createWebhookStore } from './webhooks.ts';

export type Stores = ReturnType<typeof openStores>;

/** Everything that is kept, over one connection. */
export function openStores(
  connection: Connection,
  sealer: Sealer,
  settings: {
    readonly policyCacheMs: number;
    readonly now: () => number;
    readonly onAuditAlarm?: (alarm: AuditAlarm) => void;
  },
) {
  const { now, onAuditAlarm } = settings;
  const secrets = createSecretStore(connection, sealer);
  const changes = createChangeStore(connection, sealer);
  return {
    secrets,
    changes,
    resources: createResourceStore(connection, { toStored, fromStored }),
    bulkRequests: createBulkRequestStore(connection, sealer),
    approvals: createApprovalStore(connection, sealer),
    notices: createNoticeStore(connection),
    webhooks: createWebhookStore(connection, sealer),
    delegations: createDelegationStore(connection),
    links: createLinkStore(connection, sealer),
    jobs: createJobStore(connection),
    leases: createLeaseStore(connection, settings.now),
    findings: createFindingStore(connection, sealer),
    memberships: createMembershipStore(connection),
    awaitedMembers: createAwaitedMemberStore(connection),
    policies: createPolicyStore(connection, { currentForMs: settings.policyCacheMs, now: settings.now }),
    credentials: createCredentialStore(connection),
    soapSessions: createSoapSessionStore(connection),
    bootstrapMarks: createBootstrapMarks(connection),
    signingKeys: createSigningKeyStore(connection, sealer),
    audit: openAuditTrail(connection, {
      ...{ sealer, secrets, changes, now },
      ...(onAuditAlarm === undefined ? {} : { onAlarm: onAuditAlarm }),
    }),
    accountDecisions: createAccountDecisionStore(connection),
    targetStates: createTargetStateStore(connection),
    retentions: createRetentionStore(connection, now),
    stagedDeletions: createStagedDeletionStore(connection),
    deletionCounts: createDeletionCountStore(connection),
    deviations: createDeviationStore(connection),
    stepEdits: createStepEditStore(connection, sealer),
  };
}
