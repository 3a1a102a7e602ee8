import type { Occasion } from '../../domain/approval/notice.ts';
import type { TenantId } from '../../domain/ids.ts';

/** Activities that tell people and systems of approvals, on the core queue. All are safe to repeat. */
export interface NotifyActivities {
  /** Works out who is to be told. @returns ids of the messages */
  planNotices(occasion: Occasion): Promise<readonly string[]>;
  /** @throws where it can be tried again later */
  sendNotice(input: { readonly tenant: TenantId; readonly notice: string }): Promise<void>;
  /** Nobody tries any more. */
  giveUpNotice(input: { readonly tenant: TenantId; readonly notice: string }): Promise<void>;
}

/** Has an occasion told, without waiting for it; repeating it for the same one does nothing. */
export type Announce = (occasion: Occasion) => Promise<void>;
