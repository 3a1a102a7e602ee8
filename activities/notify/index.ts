import type { Approval } from '../../domain/approval/approval.ts';
import { ASKS } from '../../domain/approval/notice.ts';
import { isProvostError } from '../../domain/errors.ts';
import type { ResourceId, TenantId } from '../../domain/ids.ts';
import type { Mail } from '../../domain/mail.ts';
import type { ApprovalStore } from '../../stores/approvals.ts';
import type { DelegationStore } from '../../stores/delegations.ts';
import { type NamesDependencies, nameIn } from '../../stores/names.ts';
import type { NoticeStore } from '../../stores/notices.ts';
import type { WebhookStore } from '../../stores/webhooks.ts';
import type { NotifyActivities } from './contract.ts';
import { createPlanNotices } from './plan.ts';
import { sendByMail } from './send-by-mail.ts';
import { sendByWebhook } from './send-by-webhook.ts';

export interface NotifyDependencies extends NamesDependencies {
  readonly approvals: Pick<ApprovalStore, 'find'>;
  readonly delegations: Pick<DelegationStore, 'delegatesOf'>;
  readonly notices: NoticeStore;
  readonly webhooks: Pick<WebhookStore, 'list' | 'find'>;
  /** @throws where it was not taken */
  sendMail(mail: Mail): Promise<void>;
  /** Posts JSON to where a tenant says. @returns the status; @throws ProvostError where there was no answer */
  post(tenant: TenantId, url: string, headers: Readonly<Record<string, string>>, body: string): Promise<number>;
  /** A link by which one person decides, once. */
  linkFor(approval: Approval, approver: string, delegate: string | undefined): Promise<string>;
  now(): Date;
}

/** Nothing is said to this receiver, for a reason that time does not mend. */
export class NoReceiver extends Error {}

export const notifyActivities = (dependencies: NotifyDependencies): NotifyActivities => ({
  planNotices: createPlanNotices(dependencies),

  async sendNotice({ tenant, notice: id }) {
    const { notices, approvals } = dependencies;
    const notice = await notices.find(tenant, id);
    // Sent by an attempt whose answer was lost, or ended.
    if (notice === undefined || notice.state !== 'pending') return;
    const approval = await approvals.find(tenant, notice.approval);
    const isAsking = ASKS.has(notice.event) && approval?.state === 'waiting' && approval.stage === notice.stage;
    try {
      if (approval === undefined) throw new NoReceiver('The approval is gone.');
      if (notice.channel === 'webhook') await sendByWebhook(notice, approval, dependencies);
      else if (isAsking) await sendByMail(notice, approval, dependencies);
      else throw new NoReceiver('It was decided before the mail was sent.');
      await notices.end(tenant, id, 'sent');
    } catch (error) {
      if (error instanceof NoReceiver) return notices.end(tenant, id, 'dropped', error.message);
      // Shown with the approval while it is tried again.
      await notices.end(
        tenant,
        id,
        'pending',
        isProvostError(error) ? error.message : 'The mail server did not take it.',
      );
      throw error;
    }
  },

  async giveUpNotice({ tenant, notice }) {
    await dependencies.notices.end(tenant, notice, 'failed');
  },
});

/** What people call a user; undefined where he is gone. */
export async function nameOfUser(
  { resources }: Pick<NotifyDependencies, 'resources'>,
  tenant: TenantId,
  id: ResourceId,
): Promise<{ readonly name: string; readonly mail?: string } | undefined> {
  const user = await resources.find(tenant, 'User', id);
  if (user === undefined || user.resource['active'] === false) return undefined;
  const { emails } = user.resource;
  const addresses = (Array.isArray(emails) ? emails : []) as readonly { value?: unknown; primary?: unknown }[];
  const mail = (addresses.find(({ primary }) => primary === true) ?? addresses[0])?.value;
  return { name: nameIn(user.resource) ?? id, ...(typeof mail === 'string' ? { mail } : {}) };
}
