import type { ChangeId, ResourceId, TenantId } from './ids.ts';

/** What administrators do to a tenant itself, or to the installation; and who begins and ends a session with it. */
export type AdministrativeEvent =
  | 'tenant-created'
  | 'tenant-deleted'
  | 'configuration-changed'
  | 'credential-created'
  | 'credential-rotated'
  | 'credential-deleted'
  | 'delegation-set'
  | 'delegation-removed'
  | 'webhook-created'
  | 'webhook-deleted'
  | 'webhook-secret-renewed'
  | 'deviations-reset'
  | 'job-started'
  | 'job-cancelled'
  | 'finding-decided'
  | 'signing-key-rotated'
  | 'signing-key-dropped'
  | 'audit-alarm-dismissed'
  | 'signed-in'
  | 'signed-out';

export type AuditEvent =
  | AdministrativeEvent
  | 'accepted'
  | 'decided'
  | 'persisted'
  | 'rejected'
  | 'step-confirmed'
  | 'step-failed'
  | 'step-parked'
  | 'step-retried'
  | 'step-edited'
  | 'step-skipped'
  | 'step-undone'
  | 'step-withheld'
  | 'store-restored'
  | 'compensation-ordered'
  | 'compensation-failed'
  | 'target-paused'
  | 'target-resumed'
  | 'target-released'
  | 'target-quarantine-extended'
  | 'target-quarantined'
  | 'staged-deletions-approved'
  | 'staged-deletions-rejected'
  | 'account-decided'
  | 'approval-asked'
  | 'approval-decided'
  | 'approval-decision-refused'
  | 'approval-reassigned'
  | 'approval-withdrawn'
  | 'approval-expired'
  | 'approval-cancelled'
  | 'approval-escalated'
  | 'approval-reminded'
  | 'taken-up-again'
  | 'settled';

/** One transition, before it has its place in the chain. Facts are codes, ids, paths and counts; never values of a person. */
export interface AuditFact {
  readonly event: AuditEvent;
  /** ISO 8601 UTC. */
  readonly at: string;
  readonly change: ChangeId;
  /** Credential id of the client or operator; absent for what the engine does itself. */
  readonly actor?: string;
  readonly facts?: Readonly<Record<string, string | number | boolean | readonly string[]>>;
}

/** What an administrator did. Facts are names, ids and codes; never secrets, never values of a person. */
export interface AdministrativeFact extends Pick<AuditFact, 'at' | 'facts'> {
  readonly event: AdministrativeEvent;
  /** Credential id of the administrator, or the command that did it. */
  readonly actor: string;
}

/** The resource type, and the id, under which a tenant's own chain is kept: what administrators did. */
export const ADMINISTRATION = { resourceType: 'Administration', resourceId: '$administration' as ResourceId } as const;

/** A link of a resource's chain: `hash` covers the entry and the hash before it. */
export interface AuditEntry extends AuditFact {
  readonly tenant: TenantId;
  readonly resourceType: string;
  readonly resourceId: ResourceId;
  /** 1 for the first of the resource. */
  readonly sequence: number;
  readonly previousHash: string;
  /** Id of the key that `hash` was made with; absent where an older release wrote the entry, with a plain digest. */
  readonly key?: string;
  readonly hash: string;
}

/** The bytes that an entry's hash is taken over: a fixed order of fields, whatever the database does with them. */
export function auditMaterial(entry: Omit<AuditEntry, 'hash'>): string {
  const facts = Object.entries(entry.facts ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([
    entry.tenant,
    entry.resourceType,
    entry.resourceId,
    entry.sequence,
    entry.previousHash,
    entry.event,
    entry.at,
    entry.change,
    entry.actor ?? null,
    facts,
    ...(entry.key === undefined ? [] : [entry.key]),
  ]);
}
