import { z } from 'zod';
import { DEVIATIONS } from '../../../domain/scim/deviation.ts';
import type { RoutesDependencies } from '../dependencies.ts';
import { type AdminRoute, defineRoute } from '../route.ts';
import { existingServiceProvider } from './edit.ts';

const GROUP = 'Service providers';
const PATH = '/tenants/:tenant/service-providers/:serviceProvider/deviations';

const deviationList = z
  .object({
    items: z.array(
      z
        .object({
          code: z.string().describe('What was different; stable.'),
          meaning: z.string(),
          count: z.int().describe('Requests that did it.'),
          path: z.string().optional().describe('Attribute of the last one; never a value.'),
          firstSeen: z.string().describe('ISO 8601, UTC.'),
          lastSeen: z.string().describe('ISO 8601, UTC.'),
        })
        .meta({ id: 'Deviation' }),
    ),
  })
  .meta({ id: 'DeviationList' });

/** What clients of an observed service provider do differently from the RFCs. */
export function deviationRoutes({ edits, deviations, record }: RoutesDependencies): AdminRoute[] {
  return [
    defineRoute({
      method: 'get',
      path: PATH,
      operation: 'listDeviations',
      group: GROUP,
      summary: 'List what clients of a service provider did differently from the RFCs',
      description:
        'Counted while the conformance of the service provider is `observed`; a few seconds late. Most frequent first. When nothing is counted any more, `strict` refuses nothing that the client sends.',
      permission: 'view configuration',
      answer: { status: 200, description: 'One item for each kind of deviation.', schema: deviationList },
      async handle({ tenant, parameters }) {
        const { id } = existingServiceProvider(await edits.newest(tenant), parameters.serviceProvider);
        const items = await deviations.of(tenant, id);
        return { body: { items: items.map((item) => ({ ...item, meaning: DEVIATIONS[item.code] ?? '' })) } };
      },
    }),
    defineRoute({
      method: 'delete',
      path: PATH,
      operation: 'resetDeviations',
      group: GROUP,
      summary: 'Begin to count deviations anew',
      permission: 'configure',
      answer: { status: 204, description: 'Nothing is counted yet.' },
      async handle({ tenant, principal, parameters }) {
        const { id } = existingServiceProvider(await edits.newest(tenant), parameters.serviceProvider);
        await record({ tenant, principal }, 'deviations-reset', { serviceProvider: id });
        await deviations.reset(tenant, id);
        return { body: undefined };
      },
    }),
  ];
}
