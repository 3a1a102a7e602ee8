import { type Client, ScheduleAlreadyRunning, ScheduleNotFoundError } from '@temporalio/client';
import type { TargetId, TenantId } from '../domain/ids.ts';
import type { Policy } from '../domain/policy.ts';
import type { ReconciliationPolicy } from '../domain/reconciliation.ts';
import { RECONCILIATION_DUE_WORKFLOW, type ReconciliationDueInput } from '../workflows/messages.ts';
import { keepLooking } from './keep-looking.ts';

export interface SchedulesDependencies {
  readonly temporal: Client;
  readonly taskQueue: string;
  readonly policies: {
    newestVersions(): Promise<{ tenant: TenantId; version: number }[]>;
    at(tenant: TenantId, version: number): Promise<Policy>;
  };
  readonly lookEveryMs: number;
  log(message: string, facts: object): void;
}

type Schedule = NonNullable<ReconciliationPolicy['schedule']>;

/**
 * Keeps Temporal's schedules as the policies have them. Every worker does: what is right already stays as it is, and a
 * schedule goes on while no worker runs. Those of targets that went while none ran are found by their names.
 */
export function keepReconciliationSchedules(dependencies: SchedulesDependencies): { stop(): Promise<void> } {
  const { temporal, taskQueue, policies, lookEveryMs, log } = dependencies;
  const kept = new Map<string, string>();
  let hasLooked = false;

  async function look(): Promise<undefined> {
    const wanted = new Map<string, { readonly input: ReconciliationDueInput; readonly schedule: Schedule }>();
    for (const { tenant, version } of await policies.newestVersions()) {
      const policy = await policies.at(tenant, version);
      for (const { id, enabled, reconciliation } of policy.identityProviders.flatMap(({ targets }) => targets)) {
        const schedule = reconciliation?.schedule;
        if (enabled && schedule !== undefined)
          wanted.set(reconciliationScheduleId(taskQueue, tenant, id), { input: { tenant, target: id }, schedule });
      }
    }
    if (!hasLooked) for (const id of await standing()) kept.set(id, '');
    hasLooked = true;
    for (const id of kept.keys()) if (!wanted.has(id)) await remove(id);
    for (const [id, { input, schedule }] of wanted) {
      const text = JSON.stringify(schedule);
      if (kept.get(id) === text) continue;
      await put(id, input, schedule);
      kept.set(id, text);
    }
  }

  async function standing(): Promise<string[]> {
    const found: string[] = [];
    for await (const { scheduleId } of temporal.schedule.list())
      if (scheduleId.startsWith(`${PREFIX}/${taskQueue}/`)) found.push(scheduleId);
    return found;
  }

  async function put(scheduleId: string, input: ReconciliationDueInput, { cron, timeZone }: Schedule): Promise<void> {
    const spec = { cronExpressions: [cron], timezone: timeZone };
    try {
      await temporal.schedule.create({
        scheduleId,
        spec,
        action: {
          type: 'startWorkflow',
          workflowType: RECONCILIATION_DUE_WORKFLOW,
          workflowId: scheduleId,
          taskQueue,
          args: [input],
        },
        policies: { overlap: 'SKIP', catchupWindow: '1 hour' },
      });
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      await temporal.schedule.getHandle(scheduleId).update((held) => ({ ...held, spec }) as never);
    }
  }

  async function remove(id: string): Promise<void> {
    try {
      await temporal.schedule.getHandle(id).delete();
    } catch (error) {
      if (!(error instanceof ScheduleNotFoundError)) throw error;
    }
    kept.delete(id);
  }

  return keepLooking({
    look,
    everyMs: lookEveryMs,
    failed: (error) =>
      log('could not bring the schedules of reconciliations up to date; trying again', { error: String(error) }),
  });
}

const PREFIX = 'reconcile';

export const reconciliationScheduleId = (taskQueue: string, tenant: TenantId, target: TargetId): string =>
  `${PREFIX}/${taskQueue}/${tenant}/${target}`;
