import type { Client } from '@temporalio/client';
import type { RequestReprojection } from '../activities/request-reprojection.ts';
import { type AcceptedChange, acceptedOf, type ChangeRequest, type ChangeSource } from '../domain/change.ts';
import { asChangeId, type TenantId } from '../domain/ids.ts';
import { findTarget, type Policy, residentOf } from '../domain/policy.ts';
import type { DeriveId } from '../platform/derived-id.ts';
import type { ChangeRecord, ChangeStore } from '../stores/changes.ts';
import { RESOURCE_WORKFLOW, type ResourceStart, startOf, submitChangeSignal } from '../workflows/messages.ts';

export interface ReprojectionDependencies extends ResourceStart {
  readonly temporal: Client;
  readonly changes: Pick<ChangeStore, 'accept'>;
  readonly policies: { current(tenant: TenantId): Promise<Policy>; renewed(tenant: TenantId): Promise<Policy> };
  readonly deriveId: DeriveId;
  now(): Date;
}

/** Records a reprojection as a change of the engine's own, and hands it to the resource's workflow by a signal. */
export function createRequestReprojection(dependencies: ReprojectionDependencies): RequestReprojection {
  return async ({ tenant, resourceType, resourceId, targets, cause, lookFirst, job }) => {
    const known = await dependencies.policies.current(tenant);
    // A target may have been added a moment ago.
    const isKnown = targets.every((target) => findTarget(known, target) !== undefined);
    const policy = isKnown ? known : await dependencies.policies.renewed(tenant);
    const key = dependencies.deriveId(['reproject', tenant, cause, resourceId, ...targets]);
    const request: ChangeRequest = {
      id: asChangeId(key),
      tenant,
      source: 'engine',
      actor: 'engine',
      serviceProvider: residentOf(policy).id,
      operation: 'reproject',
      resourceType,
      resourceId,
      body: { kind: 'reproject', targets, ...(lookFirst ? { lookFirst } : {}) },
      idempotencyKey: key,
      fingerprint: key,
      receivedAt: dependencies.now().toISOString(),
      ...(job === undefined ? {} : { job }),
    };
    const earlier = await dependencies.changes.accept(request, policy.version, false);
    if (earlier !== undefined && earlier.state !== 'received') return;
    await handOver(acceptedOf(request, earlier?.policyVersion ?? policy.version, false), request.source, dependencies);
  };
}

/** Gives a recorded change to its resource's workflow once more. One that it has, or has had, it does not do again. */
export const createHandOverAgain =
  (dependencies: ResourceStart & Pick<ReprojectionDependencies, 'temporal'>) =>
  (change: ChangeRecord): Promise<void> =>
    handOver(acceptedOf(change, change.policyVersion, change.urgent), change.source, dependencies);

async function handOver(
  accepted: AcceptedChange,
  source: ChangeSource,
  dependencies: ResourceStart & Pick<ReprojectionDependencies, 'temporal'>,
): Promise<void> {
  await dependencies.temporal.workflow.signalWithStart(RESOURCE_WORKFLOW, {
    ...startOf(accepted, source, dependencies),
    signal: submitChangeSignal,
    signalArgs: [accepted],
  });
}
