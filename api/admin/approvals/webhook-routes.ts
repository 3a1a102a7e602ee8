import { randomBytes, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { NOTICE_EVENTS } from '../../../domain/approval/notice.ts';
import { ProvostError } from '../../../domain/errors.ts';
import type { RoutesDependencies } from '../dependencies.ts';
import { type AdminRoute, defineRoute } from '../route.ts';

const GROUP = 'Approvals';
const PATH = '/tenants/:tenant/approval-webhooks';

const events = z.array(z.enum(NOTICE_EVENTS)).min(1).max(NOTICE_EVENTS.length).describe('Left out: every event.');

const webhookInput = z
  .strictObject({
    url: z
      .url({ protocol: /^https?$/, error: 'Use an http or https URL.' })
      .max(2_000)
      .refine((text) => text === withoutCredentials(text), 'Leave out user name and password: the address is shown.')
      .describe('By https; plain http and internal addresses are called only where the installation allows them.'),
    events: events.optional(),
    values: z
      .boolean()
      .default(false)
      .describe('Whether old and new values are sent; else ids and names of attributes.'),
  })
  .meta({ id: 'ApprovalWebhookInput' });

const fields = { id: z.string(), url: z.string(), events: events.optional(), values: z.boolean() };
const webhookView = z.object(fields).meta({ id: 'ApprovalWebhook' });
const newWebhook = z
  .object({ ...fields, secret: z.string().describe('Signs what is sent; shown here alone.') })
  .meta({ id: 'NewApprovalWebhook' });
const webhookList = z.object({ items: z.array(webhookView) }).meta({ id: 'ApprovalWebhookList' });

const secretInput = z
  .strictObject({
    keepOldForMs: z
      .int()
      .min(0)
      .max(2_592_000_000)
      .default(86_400_000)
      .describe('Milliseconds that the old one is good beside the new one; 0 where others have learned of it.'),
  })
  .meta({ id: 'ApprovalWebhookSecretInput' });
const newSecretView = z
  .object({
    secret: z.string().describe('Shown here alone.'),
    oldUntil: z.string().describe('Until when the old one is good.'),
  })
  .meta({ id: 'NewApprovalWebhookSecret' });

/** Older releases took addresses that hold a password; it was never sent. */
function withoutCredentials(text: string): string {
  const url = URL.parse(text);
  if (url === null || (url.username === '' && url.password === '')) return text;
  url.username = '';
  url.password = '';
  return url.href;
}

const newSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;

/** Most webhooks of a tenant. */
const MOST = 20;

/** What the audit trail says of a webhook. The rest of its URL may hold a secret. */
const factsOf = ({ id, url, values }: { readonly id: string; readonly url: string; readonly values: boolean }) => ({
  webhook: id,
  origin: new URL(url).origin,
  values,
});

/** Where systems are told of approvals. */
export function webhookRoutes({ webhooks, record, now }: RoutesDependencies): AdminRoute[] {
  return [
    defineRoute({
      method: 'get',
      path: PATH,
      operation: 'listApprovalWebhooks',
      group: GROUP,
      summary: 'List where approvals are told by HTTP',
      permission: 'view configuration',
      answer: { status: 200, description: 'All of them.', schema: webhookList },
      async handle({ tenant }) {
        const items = (await webhooks.list(tenant)).map(({ tenant: _tenant, url, ...webhook }) => ({
          ...webhook,
          url: withoutCredentials(url),
        }));
        return { body: { items } };
      },
    }),
    defineRoute({
      method: 'post',
      path: PATH,
      operation: 'createApprovalWebhook',
      group: GROUP,
      summary: 'Have approvals told by HTTP',
      description:
        'POST with JSON, signed after Standard Webhooks: `webhook-id`, `webhook-timestamp`, `webhook-signature`. Repeated for three days until it is answered with 2xx.',
      permission: 'configure',
      body: webhookInput,
      answer: { status: 201, description: 'The webhook with its secret.', schema: newWebhook },
      async handle({ tenant, principal, body: { url, values, events: wanted } }) {
        if ((await webhooks.list(tenant)).length >= MOST)
          throw new ProvostError('TOO_MANY', `A tenant has ${MOST} webhooks at most; remove one first.`);
        const id = randomUUID();
        const secret = newSecret();
        const webhook = { id, url, values, ...(wanted === undefined ? {} : { events: wanted }) };
        await record({ tenant, principal }, 'webhook-created', factsOf(webhook));
        await webhooks.add({ ...webhook, tenant }, secret);
        return { body: { ...webhook, secret }, location: `/tenants/${tenant}/approval-webhooks/${id}` };
      },
    }),
    defineRoute({
      method: 'post',
      path: `${PATH}/:webhook/secret`,
      operation: 'replaceApprovalWebhookSecret',
      group: GROUP,
      summary: 'Replace the secret of a webhook',
      description:
        'What is sent is signed with both, `v1,… v1,…`, for as long as the old one is kept: receivers change over meanwhile.',
      permission: 'configure',
      body: secretInput,
      answer: {
        status: 200,
        description: 'The new secret, and until when the old one is good.',
        schema: newSecretView,
      },
      failures: { 404: 'There is no webhook with this id.', 409: 'It was replaced at the same time.' },
      async handle({ tenant, principal, parameters: { webhook }, body: { keepOldForMs } }) {
        const secret = newSecret();
        const oldUntil = new Date(now().getTime() + keepOldForMs).toISOString();
        if (!(await webhooks.replaceSecret(tenant, webhook, secret, oldUntil)))
          throw new ProvostError('NOT_FOUND', 'There is no webhook with this id.');
        await record({ tenant, principal }, 'webhook-secret-renewed', { webhook, oldUntil });
        return { body: { secret, oldUntil } };
      },
    }),
    defineRoute({
      method: 'delete',
      path: `${PATH}/:webhook`,
      operation: 'deleteApprovalWebhook',
      group: GROUP,
      summary: 'Remove a webhook',
      permission: 'configure',
      answer: { status: 204, description: 'It is told nothing more.' },
      async handle({ tenant, principal, parameters }) {
        const found = (await webhooks.list(tenant)).find(({ id }) => id === parameters.webhook);
        if (found !== undefined) await record({ tenant, principal }, 'webhook-deleted', factsOf(found));
        if (!(await webhooks.remove(tenant, parameters.webhook)))
          throw new ProvostError('NOT_FOUND', 'There is no webhook with this id.');
        return { body: undefined };
      },
    }),
  ];
}
