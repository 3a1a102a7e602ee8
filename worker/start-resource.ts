import type { AcceptedChange, ChangeSource } from '../domain/change.ts';
import { resourceWorkflowId } from '../domain/ids.ts';
import { priorityOf } from '../domain/priority.ts';
import type { ResourceWorkflowInput, ResourceWorkflowSettings } from '../workflows/messages.ts';
import { searchAttributes } from '../workflows/search-attributes.ts';

export interface ResourceStart {
  readonly taskQueue: string;
  readonly settings: ResourceWorkflowSettings;
}

/** How the workflow of a changed resource is started where it does not run. */
export function startOf(
  { tenant, resourceType, resourceId, operation, id, urgent, background }: AcceptedChange,
  source: ChangeSource,
  { taskQueue, settings }: ResourceStart,
) {
  const args: [ResourceWorkflowInput] = [{ tenant, resourceType, resourceId, settings }];
  return {
    workflowId: resourceWorkflowId(resourceType, tenant, resourceId),
    taskQueue,
    args,
    staticSummary: `${resourceType} ${resourceId}`,
    priority: priorityOf(tenant, urgent ? 'urgent' : background === true ? 'background' : 'ordinary'),
    // A worker that was killed in the middle of a task is noticed after this long.
    workflowTaskTimeout: '5 seconds' as const,
    typedSearchAttributes: [
      { key: searchAttributes.tenant, value: tenant },
      { key: searchAttributes.resource, value: resourceId },
      { key: searchAttributes.operation, value: operation },
      { key: searchAttributes.source, value: source },
      { key: searchAttributes.change, value: id },
      { key: searchAttributes.state, value: 'running' },
    ],
  };
}
