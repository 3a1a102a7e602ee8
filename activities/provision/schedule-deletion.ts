import type { ResourceId, TargetId, TenantId } from '../../domain/ids.ts';

export interface DisabledAccount {
  readonly tenant: TenantId;
  readonly resourceType: string;
  readonly resourceId: ResourceId;
  readonly target: TargetId;
}

/** Has an account looked at again when its grace is over. There is one appointment an account: a later call replaces it. */
export interface DeletionSchedule {
  schedule(account: DisabledAccount, afterMs: number): Promise<void>;
  /** The resource is back, or the account gone. */
  cancel(account: DisabledAccount): Promise<void>;
}
