import { hasEnded } from '../../../domain/change.ts';
import { ProvostError } from '../../../domain/errors.ts';
import { asTargetId } from '../../../domain/ids.ts';
import type { ChangeRecord } from '../../../stores/changes.ts';
import type { Principal } from '../../identify/principal.ts';
import type { RoutesDependencies } from '../dependencies.ts';
import { type AdminRoute, defineRoute } from '../route.ts';
import type { OperatorOrder } from './operate.ts';
import { existingChange } from './routes.ts';
import { changeOrder, compensationAnswer, stepOrder, stepsAnswer } from './schemas.ts';

const GROUP = 'Operating';
const ONE = '/tenants/:tenant/changes/:change';
const FAILURES = {
  409: 'Nothing of this change waits for such a decision.',
  503: 'The outcome is not known yet, or the workflow engine does not answer; look at the change again.',
};

/** What an operator decides about a parked change. Each decision is in the audit trail under the operator's credential. */
export function operatorRoutes({ changes, operate, now }: RoutesDependencies): AdminRoute[] {
  return [
    defineRoute({
      method: 'post',
      path: `${ONE}/retry`,
      operation: 'retryChange',
      group: GROUP,
      summary: 'Try parked steps again',
      description: 'With the configuration as it is now: correct the target or its mapping first, then retry.',
      permission: 'operate',
      body: stepOrder,
      answer: { status: 200, description: 'They are on their way.', schema: stepsAnswer },
      failures: FAILURES,
      async handle({ tenant, principal, parameters, body }) {
        const change = waiting(await existingChange(tenant, parameters.change, { changes }));
        return { body: { steps: await operate.retry(orderFor(change, principal, body)) } };
      },
    }),
    defineRoute({
      method: 'post',
      path: `${ONE}/skip`,
      operation: 'skipChange',
      group: GROUP,
      summary: 'Go on without parked steps',
      description: 'The target stays as it is until the next change of the resource.',
      permission: 'operate',
      body: stepOrder,
      answer: { status: 200, description: 'They were given up.', schema: stepsAnswer },
      failures: FAILURES,
      async handle({ tenant, principal, parameters, body }) {
        const change = waiting(await existingChange(tenant, parameters.change, { changes }));
        return { body: { steps: await operate.skip(orderFor(change, principal, body)) } };
      },
    }),
    defineRoute({
      method: 'post',
      path: `${ONE}/compensate`,
      operation: 'compensateChange',
      group: GROUP,
      summary: 'Take a change back everywhere',
      description: 'Targets in reverse order, then the store.',
      permission: 'operate',
      body: changeOrder,
      answer: { status: 200, description: 'It was taken back.', schema: compensationAnswer },
      failures: FAILURES,
      async handle({ tenant, principal, parameters, body }) {
        const change = waiting(await existingChange(tenant, parameters.change, { changes }));
        return { body: { restored: await operate.compensate(orderFor(change, principal, body)) } };
      },
    }),
  ];

  function orderFor(
    { id, tenant, resourceType, resourceId }: ChangeRecord,
    { credential }: Principal,
    { target, comment }: { readonly target?: string | undefined; readonly comment?: string | undefined },
  ): OperatorOrder {
    return {
      tenant,
      resourceType,
      resourceId,
      decision: {
        change: id,
        actor: credential,
        at: now().toISOString(),
        ...(target === undefined ? {} : { target: asTargetId(target) }),
        ...(comment === undefined ? {} : { comment }),
      },
    };
  }
}

/** @throws ProvostError `OPERATION_NOT_WAITING` where the change has ended */
function waiting(change: ChangeRecord): ChangeRecord {
  if (!hasEnded(change.state)) return change;
  throw new ProvostError('OPERATION_NOT_WAITING', `Nothing waits for a decision: the change is ${change.state}.`);
}
