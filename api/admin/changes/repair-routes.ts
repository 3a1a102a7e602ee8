import { randomUUID } from 'node:crypto';
import { ProvostError } from '../../../domain/errors.ts';
import { asJobId, asTargetId, type TargetId, type TenantId } from '../../../domain/ids.ts';

import type { RoutesDependencies } from '../dependencies.ts';
import { type AdminRoute, defineRoute } from '../route.ts';
import { alikeAnswer, alikeOrder, editedAnswer, stepEdit } from './repair-schemas.ts';
import { existingChange } from './routes.ts';

const GROUP = 'Operating';
const ONE = '/tenants/:tenant/changes/:change';
const FAILURES = {
  409: 'Nothing of this change is parked there.',
  503: 'The outcome is not known yet, or the workflow engine does not answer; look at the change again.',
};

/** What an operator decides about single parked steps, and about all that are parked for the same reason. */
export function repairRoutes(dependencies: RoutesDependencies): AdminRoute[] {
  const { changes, operate, stepEdits, jobControl, now } = dependencies;

  /** @throws ProvostError `OPERATION_NOT_WAITING` */
  async function parkedStep(tenant: TenantId, id: string, target?: TargetId) {
    const change = await existingChange(tenant, id, { changes });
    for (const step of change.steps) {
      if (step.result === 'parked' && (target === undefined || step.target === target)) return { change, step };
    }
    throw new ProvostError('OPERATION_NOT_WAITING', 'Nothing of this change is parked there.');
  }

  return [
    defineRoute({
      method: 'post',
      path: `${ONE}/edit`,
      operation: 'editStep',
      group: GROUP,
      summary: 'Send other values than the mapping’s, once, and try a parked step again',
      description:
        'The values are kept encrypted until the step is done, and then dropped. The next change of the resource sends what the mapping says again.',
      permission: 'operate',
      body: stepEdit,
      answer: { status: 200, description: 'It is on its way.', schema: editedAnswer },
      failures: FAILURES,
      async handle({ tenant, principal, parameters, body: { target, set, remove, comment } }) {
        const step = await parkedStep(tenant, parameters.change, asTargetId(target));
        const { id, resourceType, resourceId } = step.change;
        const at = now().toISOString();
        const edited = { tenant, change: id, target: asTargetId(target) };
        await stepEdits.put(edited, { set, remove }, at);
        const steps = await operate.retry({
          tenant,
          resourceType,
          resourceId,
          decision: {
            change: id,
            target: edited.target,
            actor: principal.credential,
            at,
            edited: true,
            ...(comment === undefined ? {} : { comment }),
          },
        });
        const note =
          'It holds until this step is done. The next change of the resource sends what the mapping says again.';
        return { body: { steps, note } };
      },
    }),
    defineRoute({
      method: 'post',
      path: `${ONE}/retry-alike`,
      operation: 'retryAlike',
      group: GROUP,
      summary: 'Try all steps again that are parked like this one',
      description:
        'All of the tenant at the same target with the same error code, as a job: page by page, each once. With `dryRun` they are only counted.',
      permission: 'operate',
      body: alikeOrder,
      answer: { status: 200, description: 'How many they are, and the job.', schema: alikeAnswer },
      failures: { 409: 'Nothing of this change is parked there.' },
      async handle({ tenant, principal, parameters, body: { target: named, dryRun, comment } }) {
        const { step } = await parkedStep(
          tenant,
          parameters.change,
          named === undefined ? undefined : asTargetId(named),
        );
        const { target, code } = step;
        const count = await changes.countParked(tenant, { target, code });
        const body = { target, code, changes: count };
        if (dryRun) return { body };
        const id = asJobId(randomUUID());
        const task = { kind: 'retry-parked', target, code, ...(comment === undefined ? {} : { comment }) } as const;
        await jobControl.start({ tenant, id, task, startedBy: principal.credential });
        return { body: { ...body, job: id } };
      },
    }),
  ];
}
