import { z } from 'zod';
import { PRIMARY_STORE } from '../../../domain/policy.ts';
import { ruleList } from '../approvals/schemas.ts';
import { name } from '../tenants/schemas.ts';

const mode = z
  .enum(['persist', 'persist-and-provision', 'provision-only'])
  .describe(
    '`persist` keeps what comes in, `persist-and-provision` also sends it on, `provision-only` sends it and keeps nothing.',
  );

const conformance = z
  .enum(['strict', 'tolerant', 'observed'])
  .describe('How far incoming SCIM may stray from the RFCs; `observed` is tolerant and counts what strayed.');

const whileWaiting = z
  .enum(['accepted', 'as-it-stands'])
  .describe(
    'What SCIM clients are answered while a change waits to be written: 202, or 200 with the resource as it is without the change. A creation is 202 always. Default `accepted`.',
  );

export const serviceProviderInput = z
  .strictObject({
    name,
    mode: mode.default('persist-and-provision'),
    userStore: z
      .literal(PRIMARY_STORE, { error: `The only user store is ${PRIMARY_STORE}.` })
      .default(PRIMARY_STORE)
      .describe('Domain of the user store that new users go to.'),
    outbound: z
      .array(z.string().min(1).max(64))
      .max(200)
      .refine((ids) => new Set(ids).size === ids.length, 'Name each identity provider once.')
      .optional()
      .describe(
        'Identity providers whose targets get the changes of this service provider. Left out: those of the resident one, else the tenant’s default. Empty: none.',
      ),
    conformance: conformance.default('tolerant'),
    approvals: ruleList
      .optional()
      .describe(
        'Approval rules in the place of the tenant’s. Empty: its changes wait for nobody. Left out: the tenant’s.',
      ),
    whileWaiting: whileWaiting.optional(),
  })
  .meta({ id: 'ServiceProviderInput' });

export const serviceProviderView = z
  .object({
    id: z.string(),
    name: z.string(),
    resident: z.boolean().describe('Stands for everything not otherwise identified; each tenant has exactly one.'),
    mode,
    userStore: z.string(),
    outbound: z.array(z.string()).optional(),
    conformance,
    approvals: ruleList.optional(),
    whileWaiting: whileWaiting.optional(),
  })
  .meta({ id: 'ServiceProvider' });

export const serviceProviderList = z
  .object({ items: z.array(serviceProviderView) })
  .meta({ id: 'ServiceProviderList' });
