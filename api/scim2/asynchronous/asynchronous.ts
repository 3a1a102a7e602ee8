import type { ChangeRequest } from '../../../domain/change.ts';
import type { TenantId } from '../../../domain/ids.ts';
import type { Policy } from '../../../domain/policy.ts';
import type { BulkRequestStore } from '../../../stores/bulk-requests.ts';
import type { ChangeStore } from '../../../stores/changes.ts';

/** What answering later needs (RFC 9967 §2.5.1). */
export interface Asynchronous {
  /** Records a change and hands it to its resource's workflow without waiting for anything but that. */
  handOver(change: ChangeRequest, policyVersion: number, urgent: boolean): Promise<void>;
  readonly changes: Pick<ChangeStore, 'find'>;
  readonly bulkRequests: Pick<BulkRequestStore, 'find'>;
  policyAt(tenant: TenantId, version: number): Promise<Policy>;
  /** How long the outcome of a single change can be asked for, milliseconds. */
  readonly keptMs: number;
}
