import { asResourceId, asTenantId, resourceWorkflowId } from '../../domain/ids.ts';
import { type FaultySandbox, refusal } from './sandbox.ts';
import { inState, newTenant, type TestTenant } from './tenant.ts';

export const userWorkflowId = (tenant: Pick<TestTenant, 'id'>, user: unknown): string =>
  resourceWorkflowId('User', asTenantId(tenant.id), asResourceId(String(user)));

/** A user of a new tenant, whose creation its one target refused, so that it waits. The target is well again. */
export async function parkedUser(url: string, sandbox: FaultySandbox, userName: string, words = 'not yet') {
  const tenant = await newTenant(url, { targets: [sandbox.wish] });
  sandbox.fail(({ method }) => (method === 'POST' ? refusal(400, words) : undefined));
  const created = await tenant.scim('POST', '/Users', { userName });
  const change = String(created.headers.get('provost-change'));
  await inState(tenant, change, 'parked');
  sandbox.heal();
  const user = String(created.body['id']);
  return { tenant, user, change, workflowId: userWorkflowId(tenant, user) };
}
