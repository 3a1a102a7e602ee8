import type { Client } from '@temporalio/client';
import type { RequestReprojection } from '../activities/request-reprojection.ts';
import type { AcceptedChange, ChangeRequest } from '../domain/change.ts';
import { asChangeId, resourceWorkflowId, type TenantId } from '../domain/ids.ts';
import { type Policy, residentOf } from '../domain/policy.ts';
import { derivedId } from '../platform/derived-id.ts';
import type { ChangeStore } from '../stores/changes.ts';
import { RESOURCE_WORKFLOW, type ResourceWorkflowSettings, submitChangeSignal } from '../workflows/messages.ts';
import { searchAttributes } from '../workflows/search-attributes.ts';

export interface ReprojectionDependencies {
  readonly temporal: Client;
  readonly taskQueue: string;
  readonly settings: ResourceWorkflowSettings;
  readonly changes: Pick<ChangeStore, 'accept'>;
  readonly policies: { current(tenant: TenantId): Promise<Policy> };
  now(): Date;
}

/** Records a reprojection as a change of the engine's own, and hands it to the resource's workflow by a signal. */
export function createRequestReprojection(dependencies: ReprojectionDependencies): RequestReprojection {
  return async ({ tenant, resourceType, resourceId, targets, cause }) => {
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
      body: { kind: 'reproject', targets },
      idempotencyKey: key,
      fingerprint: key,
      receivedAt: dependencies.now().toISOString(),
    };
    const earlier = await dependencies.changes.accept(request, policy.version, false);
    if (earlier !== undefined && earlier.state !== 'received') return;
    const accepted: AcceptedChange = {
      id: request.id,
      tenant,
      operation: request.operation,
      resourceType,
      resourceId,
      policyVersion: earlier?.policyVersion ?? policy.version,
      urgent: false,
      receivedAt: request.receivedAt,
    };
    const { temporal, taskQueue, settings } = dependencies;
    await temporal.workflow.signalWithStart(RESOURCE_WORKFLOW, {
      workflowId: resourceWorkflowId(resourceType, tenant, resourceId),
      taskQueue,
      args: [{ tenant, resourceType, resourceId, settings }],
      signal: submitChangeSignal,
      signalArgs: [accepted],
      staticSummary: `${resourceType} ${resourceId}`,
      workflowTaskTimeout: '5 seconds',
      typedSearchAttributes: [
        { key: searchAttributes.tenant, value: tenant },
        { key: searchAttributes.resource, value: resourceId },
        { key: searchAttributes.operation, value: request.operation },
        { key: searchAttributes.source, value: request.source },
        { key: searchAttributes.change, value: request.id },
        { key: searchAttributes.state, value: 'running' },
      ],
    });
  };
}
