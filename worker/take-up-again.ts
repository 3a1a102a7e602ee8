import { type Client, type WorkflowExecutionStatusName, WorkflowNotFoundError } from '@temporalio/client';
import { hasEnded } from '../domain/change.ts';
import { resourceWorkflowId, type TenantId } from '../domain/ids.ts';
import type { AuditTrail } from '../stores/audit.ts';
import type { ChangeRecord, ChangeStore, OpenAfter } from '../stores/changes.ts';
import { type BegunStores, hasBegun } from '../stores/has-begun.ts';
import { keepLooking, pause } from './keep-looking.ts';

export interface TakeUpDependencies extends BegunStores {
  readonly temporal: Client;
  readonly changes: Pick<ChangeStore, 'find' | 'listOpen'>;
  readonly policies: { newestVersions(): Promise<{ tenant: TenantId }[]> };
  readonly audit: Pick<AuditTrail, 'append'>;
  /** Gives a recorded change to its resource's workflow once more. */
  handOverAgain(change: ChangeRecord): Promise<void>;
  /** Milliseconds that a change may be open without its workflow being looked for. */
  readonly afterMs: number;
  readonly lookEveryMs: number;
  now(): Date;
  log(message: string, facts: object): void;
}

/** Changes of a tenant that are looked at between two pauses. */
const AT_ONCE = 20;
/** Milliseconds: there is no hurry, and there may be very many tenants. */
const BETWEEN = 100;

/**
 * Finds changes that are open, and whose workflow is gone: everything lost power at once between a write and the moment
 * in which Temporal had it, or Temporal's database was restored from a copy. They go on as if nothing had happened.
 *
 * A request of which nothing was written, and whose client has had no answer, is not carried out: by now the client may
 * have asked for something else. Nor is a workflow that somebody terminated begun anew, or a change that was being taken
 * back: those are for an operator.
 */
export function takeUpAgain(dependencies: TakeUpDependencies): { stop(): Promise<void> } {
  const { changes, afterMs, lookEveryMs, now, log } = dependencies;

  async function lookThrough(tenant: TenantId, stopping: AbortSignal): Promise<void> {
    const before = new Date(now().getTime() - afterMs).toISOString();
    for (let after: OpenAfter | undefined; !stopping.aborted; ) {
      const found = await changes.listOpen(tenant, before, after, AT_ONCE);
      for (const change of found) await look(change);
      await pause(BETWEEN, stopping);
      after = found.at(-1);
      if (found.length < AT_ONCE) return;
    }
  }

  async function look(listed: ChangeRecord): Promise<void> {
    const { tenant, id, resourceType, resourceId } = listed;
    if (!(await isGone(listed))) return;
    // A workflow reports what came of a change before it ends: what is open after its end, it did not know of.
    const change = await changes.find(tenant, id);
    if (change === undefined || hasEnded(change.state) || change.error !== undefined) return;
    if (change.state === 'received' && !(await hasBegun(change, dependencies))) return;
    log('taking up a change whose workflow is gone', { tenant, change: id });
    const fact = { event: 'taken-up-again', at: now().toISOString(), change: id } as const;
    await dependencies.audit.append({ tenant, resourceType, resourceId }, [fact]);
    await dependencies.handOverAgain(change);
  }

  async function isGone({ tenant, resourceType, resourceId }: ChangeRecord): Promise<boolean> {
    const workflow = dependencies.temporal.workflow.getHandle(resourceWorkflowId(resourceType, tenant, resourceId));
    try {
      return !LEFT_ALONE.has((await workflow.describe()).status.name);
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return true;
      throw error;
    }
  }

  return keepLooking({
    async look(stopping) {
      for (const { tenant } of await dependencies.policies.newestVersions()) await lookThrough(tenant, stopping);
      return undefined;
    },
    everyMs: lookEveryMs,
    failed: (error) => log('could not look for changes whose workflow is gone; trying again', { error: String(error) }),
  });
}

const LEFT_ALONE: ReadonlySet<WorkflowExecutionStatusName> = new Set(['RUNNING', 'CONTINUED_AS_NEW', 'TERMINATED']);
