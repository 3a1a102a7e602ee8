import type { ApprovalId, TenantId } from '../ids.ts';

/** What people and systems can be told of an approval. */
export const NOTICE_EVENTS = [
  'approval-asked',
  'approval-reassigned',
  'approval-escalated',
  'approval-reminded',
  'approval-decided',
  'approval-granted',
  'approval-refused',
  'approval-expired',
  'approval-withdrawn',
  'approval-cancelled',
] as const;

export type NoticeEvent = (typeof NOTICE_EVENTS)[number];

/** After these, those who are asked get a mail: once, and once more with each reminder. */
export const ASKS: ReadonlySet<NoticeEvent> = new Set([
  'approval-asked',
  'approval-reassigned',
  'approval-escalated',
  'approval-reminded',
]);

/** Something that happened to an approval and is to be told. */
export interface Occasion {
  readonly tenant: TenantId;
  readonly approval: ApprovalId;
  readonly event: NoticeEvent;
  /** Stage, from 0, that it happened in; of `approval-asked` the one that begins. */
  readonly stage: number;
  /** ISO 8601 UTC. Event and moment name the occasion: telling it again tells nothing. */
  readonly at: string;
}

export type NoticeChannel = 'mail' | 'webhook';

/** One message to one receiver. */
export interface Notice {
  readonly id: string;
  readonly tenant: TenantId;
  readonly approval: ApprovalId;
  readonly event: NoticeEvent;
  readonly stage: number;
  readonly at: string;
  readonly channel: NoticeChannel;
  /** Whose approval is asked for, `user:<id>`; of a webhook its id. */
  readonly receiver: string;
  /** Who gets the mail in the place of the receiver, who is absent. */
  readonly delegate?: string;
  /** `dropped`: there was nobody to send it to any more, or nothing to ask. */
  readonly state: 'pending' | 'sent' | 'dropped' | 'failed';
  /** Why not, in words. */
  readonly because?: string;
}
