import type { AccountChange } from './account.ts';
import type { ApprovalId, ChangeId, JobId, ResourceId, ServiceProviderId, TargetId, TenantId } from './ids.ts';
import type { PatchOperation, Resource } from './scim/resource.ts';

export type ChangeSource = 'scim2' | 'scim1' | 'soap' | 'console' | 'jit' | 'bulk' | 'reconciliation' | 'engine';

/** `reproject` writes nothing: it brings targets to what is stored. Everything else is what a client may ask for. */
export type Operation = 'create' | 'replace' | 'patch' | 'delete' | 'reproject';

/** What the client asked for, in clear. It is stored sealed and never enters a workflow. */
export type ChangeBody =
  | { readonly kind: 'create' | 'replace'; readonly resource: Resource; readonly passwordHash?: string }
  | {
      readonly kind: 'patch';
      readonly operations: readonly PatchOperation[];
      readonly passwordHash?: string;
      /** Of a user: how the account stands, which no operation can say. */
      readonly account?: AccountChange;
    }
  | { readonly kind: 'delete' }
  | {
      readonly kind: 'reproject';
      readonly targets: readonly TargetId[];
      /** Compare with what the targets really hold, not with what they confirmed last. */
      readonly lookFirst?: boolean;
      /** Ask once more about what was not approved for the targets. */
      readonly asksAgain?: boolean;
    };

/**
 * One request to create, replace, patch or delete one resource: the neutral form that every protocol is turned into
 * (design.md, flow 1). `id` and `resourceId` of a create follow from tenant, service provider and idempotency key.
 */
export interface ChangeRequest {
  readonly id: ChangeId;
  readonly tenant: TenantId;
  readonly source: ChangeSource;
  /** Id of the credential that asked; never a person's name or mail. */
  readonly actor: string;
  readonly serviceProvider: ServiceProviderId;
  readonly operation: Operation;
  /** Name of the SCIM resource type: `User`, `Group` or a tenant's own. */
  readonly resourceType: string;
  readonly resourceId: ResourceId;
  readonly body: ChangeBody;
  /** Version that the client expects (If-Match), or `*` for any that exists. */
  readonly expectedVersion?: string;
  readonly idempotencyKey: string;
  /** Hash of method, path and body: the same key with another request is an error. */
  readonly fingerprint: string;
  /** ISO 8601 UTC. */
  readonly receivedAt: string;
  /** The job that asked for it, one of many. */
  readonly job?: JobId;
  /** The change whose deactivation it is: the rest of that one waits for an approval, and this does not. */
  readonly partOf?: ChangeId;
}

/** What of a change enters the workflow: references and facts, no personal data. */
export interface AcceptedChange {
  readonly id: ChangeId;
  readonly tenant: TenantId;
  readonly operation: Operation;
  readonly resourceType: string;
  readonly resourceId: ResourceId;
  /** Snapshot of the tenant's policy that this change is decided on, whatever is edited later. */
  readonly policyVersion: number;
  /**
   * A deletion, or a change that may end somebody's access: it overtakes everything else of its resource. Whether it
   * ends it depends on what is stored, so persisting has the last word.
   */
  readonly urgent: boolean;
  /** One of a job's many: ordinary changes overtake its steps. */
  readonly background?: boolean;
  readonly receivedAt: string;
}

/** What of a request enters the workflow. */
export const acceptedOf = (
  { id, tenant, operation, resourceType, resourceId, receivedAt, job }: Omit<ChangeRequest, 'body'>,
  policyVersion: number,
  urgent: boolean,
): AcceptedChange => ({
  id,
  tenant,
  operation,
  resourceType,
  resourceId,
  policyVersion,
  urgent,
  ...(job === undefined ? {} : { background: true }),
  receivedAt,
});

/** Where a stored resource stands after a change; enough to answer a client without reading it again. */
export interface StoredReference {
  readonly resourceId: ResourceId;
  /** 0 where nothing is stored (provision-only, deleted). */
  readonly version: number;
  readonly lastModified: string;
  /** False where the request changed nothing, so that no version was written. */
  readonly changed: boolean;
}

/** Something is still to be done about a change. */
export const OPEN_STATES = ['received', 'waiting-approval', 'persisted', 'provisioning', 'parked'] as const;

export type ChangeState = (typeof OPEN_STATES)[number] | 'settled' | 'compensated' | 'rejected';

const OPEN: ReadonlySet<ChangeState> = new Set(OPEN_STATES);

/** Whether nothing more is done about a change. */
export const hasEnded = (state: ChangeState): boolean => !OPEN.has(state);

export type StepAction = 'create' | 'link' | 'update' | 'disable' | 'delete' | 'nothing';

/** How one target ended up for one change. */
export type StepOutcome =
  | {
      readonly target: TargetId;
      readonly result: 'confirmed';
      readonly action: StepAction;
      readonly attempts: number;
      /** Attributes that were sent and that the target does not keep. */
      readonly notKept?: readonly string[];
    }
  | { readonly target: TargetId; readonly result: 'not-applicable'; readonly reason: string }
  | { readonly target: TargetId; readonly result: 'skipped'; readonly by: string }
  | { readonly target: TargetId; readonly result: 'compensated' }
  | { readonly target: TargetId; readonly result: 'failed'; readonly code: string; readonly message: string }
  /** It was not approved, and the target does not learn of it. */
  | { readonly target: TargetId; readonly result: 'withheld'; readonly code: string; readonly message: string }
  /** It waits for an approval. */
  | {
      readonly target: TargetId;
      readonly result: 'waiting-approval';
      readonly message: string;
      readonly approval: ApprovalId;
    }
  | {
      readonly target: TargetId;
      readonly result: 'parked';
      readonly code: string;
      readonly message: string;
      readonly since?: string;
      /** It was to take the change back. */
      readonly undoing?: boolean;
    };

/** Where a step is parked that is not a target's: storing the change, restoring the store, or recording the outcome. */
export const STORE = 'store' as TargetId;

/** @param undoing whether it is the compensation that could not restore the store */
export const storeStep = (
  { code, message, since }: { readonly code: string; readonly message: string; readonly since: string },
  undoing = false,
): StepOutcome => ({ target: STORE, result: 'parked', code, message, since, ...(undoing ? { undoing } : {}) });

/**
 * What the store holds while a change is taken back. `not-yet`: the change still. `restored`: what stood before it.
 * `kept`: a later change stands on top, so it was left.
 */
export interface UndoStanding {
  readonly store: 'not-yet' | 'restored' | 'kept';
}
