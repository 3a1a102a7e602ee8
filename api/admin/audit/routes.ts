import { z } from 'zod';
import { ProvostError } from '../../../domain/errors.ts';
import { asResourceId } from '../../../domain/ids.ts';
import type { RoutesDependencies } from '../dependencies.ts';
import { decodeCursor, pageQuery, toPage } from '../page.ts';
import { type AdminRoute, defineRoute } from '../route.ts';
import { auditPage, chainVerdict } from './schemas.ts';

const GROUP = 'Audit';
const PATH = '/tenants/:tenant/resources/:resource/audit';

/** The chained record of all that happened to one resource. */
export function auditRoutes({ audit }: RoutesDependencies): AdminRoute[] {
  return [
    defineRoute({
      method: 'get',
      path: PATH,
      operation: 'listAudit',
      group: GROUP,
      summary: 'List the audit trail of a resource, oldest first',
      permission: 'audit',
      query: z.strictObject(pageQuery),
      answer: { status: 200, description: 'A page of entries.', schema: auditPage },
      failures: { 404: 'Nothing was ever recorded of this resource.' },
      async handle({ tenant, parameters, query }) {
        const entries = await audit.ofResource(tenant, asResourceId(parameters.resource));
        if (entries.length === 0) throw nothingRecorded();
        const [after = '0'] = decodeCursor(query.cursor, 1) ?? [];
        const rest = entries.filter(({ sequence }) => sequence > Number(after)).slice(0, query.limit + 1);
        return { body: toPage(rest, query.limit, ({ sequence }) => [String(sequence)]) };
      },
    }),
    defineRoute({
      method: 'get',
      path: `${PATH}/verify`,
      operation: 'verifyAudit',
      group: GROUP,
      summary: 'Verify the audit trail of a resource',
      description: 'Computes every hash again, from the first entry to the last.',
      permission: 'audit',
      answer: { status: 200, description: 'Whether the chain is whole, and where it breaks.', schema: chainVerdict },
      failures: { 404: 'Nothing was ever recorded of this resource.' },
      async handle({ tenant, parameters }) {
        const verdict = await audit.verify(tenant, asResourceId(parameters.resource));
        if (verdict.entries === 0) throw nothingRecorded();
        return { body: { ...verdict, intact: verdict.broken === undefined } };
      },
    }),
  ];
}

const nothingRecorded = (): ProvostError =>
  new ProvostError('NOT_FOUND', 'Nothing was ever recorded of a resource with this id.');
