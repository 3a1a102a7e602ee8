/** Branded ids: a tenant id can't be passed where a change id is meant. All are opaque and carry no personal data. */
type Brand<Name extends string> = string & { readonly __brand: Name };

/** Lower-case slug, 1–63 characters of a–z, 0–9 and `-`. */
export type TenantId = Brand<'TenantId'>;
/** Id of a user, group or other SCIM resource; UUID form, assigned before the first write. */
export type ResourceId = Brand<'ResourceId'>;
export type ChangeId = Brand<'ChangeId'>;
export type ServiceProviderId = Brand<'ServiceProviderId'>;
export type IdentityProviderId = Brand<'IdentityProviderId'>;
export type TargetId = Brand<'TargetId'>;
export type JobId = Brand<'JobId'>;
/** Of what waits before it is written: the change's id. Of a step that waits before its target: that, a dot, the target's. */
export type ApprovalId = Brand<'ApprovalId'>;

export const asTenantId = (value: string): TenantId => value as TenantId;
export const asResourceId = (value: string): ResourceId => value as ResourceId;
export const asChangeId = (value: string): ChangeId => value as ChangeId;
export const asServiceProviderId = (value: string): ServiceProviderId => value as ServiceProviderId;
export const asIdentityProviderId = (value: string): IdentityProviderId => value as IdentityProviderId;
export const asTargetId = (value: string): TargetId => value as TargetId;
export const asApprovalId = (value: string): ApprovalId => value as ApprovalId;
export const asJobId = (value: string): JobId => value as JobId;

/** Workflow id of the one run that owns a resource (design.md, flow 2). */
export const resourceWorkflowId = (resourceType: string, tenant: TenantId, id: ResourceId): string =>
  `${resourceType.toLowerCase()}/${tenant}/${id}`;

/** Task queue on which deactivations and deletions of one target run: they have slots of their own there. */
export const urgentTaskQueue = (core: string, tenant: TenantId, target: TargetId): string =>
  `${targetTaskQueue(core, tenant, target)}/urgent`;

/** Task queue on which every step of one target runs, so that its limits are its own. `core` is the workflows' queue. */
export const targetTaskQueue = (core: string, tenant: TenantId, target: TargetId): string =>
  `${core}/${tenant}/${target}`;

/** The queue of a target's ordinary steps, by whichever of its two queues. */
export const targetQueueOf = (queue: string): string => queue.replace(/\/urgent$/, '');
