import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { DeletionSchedule, DisabledAccount } from '../activities/provision/schedule-deletion.ts';
import type { ReprojectionRequest } from '../activities/request-reprojection.ts';
import { asChangeId } from '../domain/ids.ts';
import type { DeriveId } from '../platform/derived-id.ts';
import { DEPROVISION_WORKFLOW } from '../workflows/messages.ts';

/** Appointments as workflows that the server starts when it is time: they outlive every process, and cost nothing meanwhile. */
export function createDeletionSchedule(dependencies: {
  readonly temporal: Client;
  readonly taskQueue: string;
  readonly deriveId: DeriveId;
  now(): Date;
}): DeletionSchedule {
  const { temporal, taskQueue, deriveId, now } = dependencies;
  return {
    async schedule(account, afterMs) {
      const { tenant, resourceType, resourceId, target } = account;
      const request: ReprojectionRequest = {
        tenant,
        resourceType,
        resourceId,
        targets: [target],
        // Another appointment is another cause: what an earlier one asked for does not answer for it.
        cause: asChangeId(deriveId(['deprovision', tenant, target, resourceId, now().toISOString()])),
      };
      await temporal.workflow.start(DEPROVISION_WORKFLOW, {
        workflowId: idOf(account),
        taskQueue,
        args: [request],
        startDelay: Math.max(Math.ceil(afterMs), 0),
        workflowIdConflictPolicy: 'TERMINATE_EXISTING',
        staticSummary: `Delete the disabled account of ${resourceType} ${resourceId}`,
      });
    },
    async cancel(account) {
      await temporal.workflow
        .getHandle(idOf(account))
        .terminate('the resource is back')
        .catch((error: unknown) => {
          if (!(error instanceof WorkflowNotFoundError)) throw error;
        });
    },
  };
}

const idOf = ({ tenant, target, resourceId }: DisabledAccount): string =>
  `deprovision/${tenant}/${target}/${resourceId}`;
