import type { JobId, ResourceId, TenantId } from '../domain/ids.ts';
import type { JobTask } from '../domain/job.ts';

export interface JobRequest {
  readonly tenant: TenantId;
  /** Chosen by whoever asks, so that asking again does nothing. */
  readonly id: JobId;
  readonly task: JobTask;
  /** Credential id, or `engine`. */
  readonly startedBy: string;
  /** Resources that the job is given by name; called when the job is recorded and before it starts. */
  named?(
    add: (items: readonly { readonly resourceType: string; readonly resourceId: ResourceId }[]) => Promise<void>,
  ): Promise<void>;
}

/** Records a job and starts the workflow that does it; repeating it for the same id does nothing. */
export type StartJob = (request: JobRequest) => Promise<void>;
