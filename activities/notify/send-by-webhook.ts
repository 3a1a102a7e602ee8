import { createHmac } from 'node:crypto';
import { type Approval, askedNow } from '../../domain/approval/approval.ts';
import type { Notice } from '../../domain/approval/notice.ts';
import { ProvostError } from '../../domain/errors.ts';
import { NoReceiver, type NotifyDependencies } from './index.ts';

/**
 * Tells a webhook, signed as Standard Webhooks has it: `webhook-id`, `webhook-timestamp` and `webhook-signature`, an
 * HMAC-SHA256 over the three, of each secret that is in force. A message that is sent again has the same id.
 *
 * @throws ProvostError `TARGET_UNAVAILABLE` where it answered with anything but 2xx; NoReceiver where it is gone (410)
 */
export async function sendByWebhook(
  notice: Notice,
  approval: Approval,
  { webhooks, post, now }: NotifyDependencies,
): Promise<void> {
  const at = now();
  const found = await webhooks.find(notice.tenant, notice.receiver, at.toISOString());
  if (found === undefined) throw new NoReceiver('The webhook was removed.');
  const { webhook, secrets } = found;
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const body = JSON.stringify({
    type: notice.event,
    timestamp: notice.at,
    data: contentOf(approval, webhook.values),
  });
  const signed = `${notice.id}.${timestamp}.${body}`;
  const signatures = secrets.map(
    (secret) => `v1,${createHmac('sha256', keyOf(secret)).update(signed).digest('base64')}`,
  );
  const status = await post(
    notice.tenant,
    webhook.url,
    {
      'content-type': 'application/json',
      'webhook-id': notice.id,
      'webhook-timestamp': timestamp,
      'webhook-signature': signatures.join(' '),
    },
    body,
  );
  if (status === 410) throw new NoReceiver('The webhook answered that it is gone (410).');
  if (status < 200 || status > 299)
    throw new ProvostError('TARGET_UNAVAILABLE', `The webhook answered with the status ${status}.`);
}

/** A secret is `whsec_` and its bytes in base64. */
const keyOf = (secret: string): Buffer => Buffer.from(secret.replace(/^whsec_/, ''), 'base64');

const contentOf = (approval: Approval, values: boolean): object => ({
  tenant: approval.tenant,
  approval: approval.id,
  change: approval.change,
  ...(approval.target === undefined ? {} : { target: approval.target }),
  operation: approval.operation,
  resourceType: approval.resourceType,
  resource: approval.resourceId,
  rule: approval.rule,
  requester: approval.requester,
  state: approval.state,
  stage: approval.stage + 1,
  stages: approval.stages.length,
  approvers: askedNow(approval),
  attributes: approval.touches,
  expiresAt: approval.expiresAt,
  ...(values ? { differences: approval.differences } : {}),
});
