import type { JobId, TenantId } from '../../../domain/ids.ts';
import type { JobTask } from '../../../domain/job.ts';

export interface JobOrder {
  readonly tenant: TenantId;
  readonly id: JobId;
  readonly task: JobTask;
  /** Credential id. */
  readonly startedBy: string;
}

/** What an administrator can do with jobs. */
export interface JobControl {
  /** Records a job and starts it. */
  start(order: JobOrder): Promise<void>;
  /** Has it begin no further page. What it asked for already is done. @throws ProvostError `OPERATION_NOT_WAITING` */
  cancel(tenant: TenantId, id: JobId): Promise<void>;
}
