import type { Client } from '@temporalio/client';
import type { RequestReprojection } from '../activities/request-reprojection.ts';
import { acceptedOf, type ChangeRequest } from '../domain/change.ts';
import { asChangeId, type TenantId } from '../domain/ids.ts';
import { type Policy, residentOf } from '../domain/policy.ts';
import { derivedId } from '../platform/derived-id.ts';
import type { ChangeStore } from '../stores/changes.ts';
import { RESOURCE_WORKFLOW, type ResourceStart, startOf, submitChangeSignal } from '../workflows/messages.ts';

export interface ReprojectionDependencies extends ResourceStart {
  readonly temporal: Client;
  readonly changes: Pick<ChangeStore, 'accept'>;
  readonly policies: { current(tenant: TenantId): Promise<Policy> };
  now(): Date;
}

/** Records a reprojection as a change of the engine's own, and hands it to the resource's workflow by a signal. */
export function createRequestReprojection(dependencies: ReprojectionDependencies): RequestReprojection {
  return async ({ tenant, resourceType, resourceId, targets, cause, lookFirst, job }) => {
    const policy = await dependencies.policies.current(tenant);
    const key = derivedId(['reproject', tenant, cause, resourceId, ...targets]);
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
    const accepted = acceptedOf(request, earlier?.policyVersion ?? policy.version, false);
    await dependencies.temporal.workflow.signalWithStart(RESOURCE_WORKFLOW, {
      ...startOf(accepted, request.source, dependencies),
      signal: submitChangeSignal,
      signalArgs: [accepted],
    });
  };
}
