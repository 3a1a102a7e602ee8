import { z } from 'zod';
import { ADMINISTRATION } from '../../../domain/audit.ts';
import { ProvostError } from '../../../domain/errors.ts';
import { asResourceId, type ResourceId, type TenantId } from '../../../domain/ids.ts';
import type { RoutesDependencies } from '../dependencies.ts';
import { decodeCursor, pageQuery, toPage } from '../page.ts';
import { type AdminRoute, defineRoute } from '../route.ts';
import { auditPage, chainVerdict } from './schemas.ts';

const GROUP = 'Audit';
const PATH = '/tenants/:tenant/resources/:resource/audit';
const ADMINISTRATIVE = '/tenants/:tenant/audit';

/** The chained record of all that happened to one resource. */
export function auditRoutes({ audit, now }: RoutesDependencies): AdminRoute[] {
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
        return { body: await pageOfChain(tenant, asResourceId(parameters.resource), query) };
      },
    }),
    defineRoute({
      method: 'get',
      path: `${PATH}/verify`,
      operation: 'verifyAudit',
      group: GROUP,
      summary: 'Verify the audit trail of a resource',
      description:
        'Computes every hash again, from the first entry to the last, and compares the chain with its head and with the changes of the resource.',
      permission: 'audit',
      answer: { status: 200, description: 'Whether the chain is whole, and where it breaks.', schema: chainVerdict },
      failures: { 404: 'Nothing was ever recorded of this resource.' },
      async handle({ tenant, parameters }) {
        return { body: await verdictOn(tenant, asResourceId(parameters.resource)) };
      },
    }),
    defineRoute({
      method: 'get',
      path: ADMINISTRATIVE,
      operation: 'listAdministrativeAudit',
      group: GROUP,
      summary: 'List what administrators did to the tenant, oldest first',
      description:
        'Credentials, delegations, webhooks, configuration, the tenant itself: who made, changed or removed them.',
      permission: 'audit',
      query: z.strictObject(pageQuery),
      answer: { status: 200, description: 'A page of entries.', schema: auditPage },
      failures: { 404: 'Nothing was recorded yet.' },
      async handle({ tenant, query }) {
        return { body: await pageOfChain(tenant, ADMINISTRATION.resourceId, query) };
      },
    }),
    defineRoute({
      method: 'get',
      path: `${ADMINISTRATIVE}/verify`,
      operation: 'verifyAdministrativeAudit',
      group: GROUP,
      summary: 'Verify the trail of what administrators did to the tenant',
      permission: 'audit',
      answer: { status: 200, description: 'Whether the chain is whole, and where it breaks.', schema: chainVerdict },
      failures: { 404: 'Nothing was recorded yet.' },
      async handle({ tenant }) {
        return { body: await verdictOn(tenant, ADMINISTRATION.resourceId) };
      },
    }),
    defineRoute({
      method: 'post',
      path: `${ADMINISTRATIVE}/alarms/:alarm/dismiss`,
      operation: 'dismissAuditAlarm',
      group: GROUP,
      summary: 'Take an alarm of the audit trail off the list, once it was looked into',
      permission: 'operate',
      answer: { status: 204, description: 'It is off the list. The trail keeps that it was there.' },
      failures: { 404: 'There is no such alarm.' },
      async handle({ tenant, principal, parameters }) {
        if (!(await audit.alarms.dismiss(tenant, parameters.alarm)))
          throw new ProvostError('NOT_FOUND', 'There is no alarm of the audit trail with this id.');
        await audit.appendAdministrative(tenant, {
          event: 'audit-alarm-dismissed',
          at: now().toISOString(),
          actor: principal.credential,
          facts: { alarm: parameters.alarm },
        });
        return { body: undefined };
      },
    }),
  ];

  async function pageOfChain(tenant: TenantId, chain: ResourceId, { cursor, limit }: PageQuery) {
    const [after = '0'] = decodeCursor(cursor, 1) ?? [];
    const found = await audit.ofResource(tenant, chain, { after: Number(after), limit: limit + 1 });
    if (found.length === 0 && after === '0') throw nothingRecorded();
    return toPage(found, limit, ({ sequence }) => [String(sequence)]);
  }

  async function verdictOn(tenant: TenantId, chain: ResourceId) {
    const verdict = await audit.verify(tenant, chain);
    if (verdict.entries === 0 && verdict.broken === undefined) throw nothingRecorded();
    return { ...verdict, intact: verdict.broken === undefined };
  }
}

interface PageQuery {
  readonly cursor?: string | undefined;
  readonly limit: number;
}

const nothingRecorded = (): ProvostError =>
  new ProvostError('NOT_FOUND', 'Nothing was ever recorded of a resource with this id.');
