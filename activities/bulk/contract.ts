import type { TenantId } from '../../domain/ids.ts';

export interface BulkPageInput {
  readonly tenant: TenantId;
  /** Id of the bulk request; what it asks for is in its store. */
  readonly bulk: string;
  /** From 0. */
  readonly page: number;
  /** Operations that failed on the pages before. */
  readonly failed: number;
}

/** What came of a page, in counts: `OK` or the code of an error → operations. */
export interface BulkPageEnd {
  readonly codes: Readonly<Record<string, number>>;
  readonly failed: number;
  /** So many have failed that nothing more is begun. */
  readonly stopped: boolean;
}

/** Activities of a bulk request, on the core queue. All are safe to repeat. */
export interface BulkActivities {
  /** Hands each operation of a page to the workflow of its resource and waits for all. */
  runBulkPage(input: BulkPageInput): Promise<BulkPageEnd>;
  /** Keeps the answer for its time and forgets the request. */
  endBulk(input: Pick<BulkPageInput, 'tenant' | 'bulk'>): Promise<void>;
}
