import { randomUUID } from 'node:crypto';
import { type Client, type WorkflowExecutionStatusName, WorkflowNotFoundError } from '@temporalio/client';
import { hasEnded } from '../domain/change.ts';
import { resourceWorkflowId, type TenantId } from '../domain/ids.ts';
import type { AuditTrail } from '../stores/audit.ts';
import type { ChangeRecord, ChangeStore } from '../stores/changes.ts';
import { type BegunStores, hasBegun } from '../stores/has-begun.ts';
import type { LeaseStore } from '../stores/leases.ts';
import { isEndedByServer } from './ended-by-server.ts';
import { keepLooking, pause } from './keep-looking.ts';

export interface TakeUpDependencies extends BegunStores {
  readonly temporal: Client;
  readonly changes: Pick<ChangeStore, 'find' | 'uncheckedSince' | 'checked'>;
  readonly policies: { newestVersions(): Promise<{ tenant: TenantId }[]> };
  readonly audit: Pick<AuditTrail, 'append'>;
  /** Gives a recorded change to its resource's workflow once more. */
  handOverAgain(change: ChangeRecord): Promise<void>;
  readonly leases: LeaseStore;
  /** Does the same for the jobs of a tenant. */
  recoverJobs(tenant: TenantId): Promise<void>;
  /** Milliseconds that a change may be open without its workflow being looked for, and between two looks. */
  readonly afterMs: number;
  readonly lookEveryMs: number;
  now(): Date;
  log(message: string, facts: object): void;
}

/** Changes of a tenant that are looked at between two pauses. */
const AT_ONCE = 20;
/** Of what waits for people, each so many times. */
const WAITING_LOOKS = 12;
const LEASE = 'recovery';
/** Milliseconds: there is no hurry, and there may be very many tenants. */
const BETWEEN = 100;

/**
 * Finds changes that are open, and whose workflow is gone: everything lost power at once between a write and the moment
 * in which Temporal had it, or Temporal's database was restored from a copy. They go on as if nothing had happened.
 *
 * A request of which nothing was written, and whose client has had no answer, is not carried out: by now the client may
 * have asked for something else. Nor is a workflow that a person terminated begun anew. A change that was being taken
 * back is taken back further.
 */
export function takeUpAgain(dependencies: TakeUpDependencies): { stop(): Promise<void> } {
  const { changes, leases, afterMs, lookEveryMs, now, log } = dependencies;
  const owner = randomUUID();
  /** One worker of all looks; another takes over where it is gone. */
  const isMine = (): Promise<boolean> => leases.take(LEASE, owner, 3 * lookEveryMs);

  async function lookThrough(tenant: TenantId, stopping: AbortSignal): Promise<void> {
    await dependencies.recoverJobs(tenant);
    while (!stopping.aborted && (await isMine())) {
      const moment = now().getTime();
      const found = await changes.uncheckedSince(tenant, new Date(moment - afterMs).toISOString(), AT_ONCE);
      for (const change of found) {
        const isDone = await look(change).catch((error: unknown) => {
          // One that cannot be looked at must not keep the others from it.
          log('could not look for the workflow of a change; trying again', {
            tenant,
            change: change.id,
            error: String(error),
          });
          return false;
        });
        await changes.checked(tenant, change.id, nextLook(change, isDone, moment));
      }
      await pause(BETWEEN, stopping);
      if (found.length < AT_ONCE) return;
    }
  }

  /** What waits for people is looked at less often: there may be very much of it, and its workflow does nothing meanwhile. */
  const nextLook = ({ state }: ChangeRecord, isDone: boolean, moment: number): string | undefined => {
    if (isDone) return undefined;
    const isWaiting = state === 'parked' || state === 'waiting-approval';
    return new Date(moment + (isWaiting ? (WAITING_LOOKS - 1) * afterMs : 0)).toISOString();
  };

  /** @returns whether nobody has to look again */
  async function look(listed: ChangeRecord): Promise<boolean> {
    const { tenant, id, resourceType, resourceId } = listed;
    if (!(await isGone(listed))) return false;
    // A workflow reports what came of a change before it ends: what is open after its end, it did not know of.
    const change = await changes.find(tenant, id);
    if (change === undefined || hasEnded(change.state)) return true;
    if (change.error !== undefined && change.undo === undefined) return true;
    if (change.state === 'received' && !(await hasBegun(change, dependencies))) return true;
    log('taking up a change whose workflow is gone', { tenant, change: id });
    const fact = { event: 'taken-up-again', at: now().toISOString(), change: id } as const;
    await dependencies.audit.append({ tenant, resourceType, resourceId }, [fact]);
    await dependencies.handOverAgain(change);
    return false;
  }

  async function isGone({ tenant, resourceType, resourceId }: ChangeRecord): Promise<boolean> {
    const { temporal } = dependencies;
    const workflowId = resourceWorkflowId(resourceType, tenant, resourceId);
    try {
      const { status } = await temporal.workflow.getHandle(workflowId).describe();
      if (status.name === 'TERMINATED') return await isEndedByServer(temporal, workflowId);
      return !LEFT_ALONE.has(status.name);
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return true;
      throw error;
    }
  }

  const looking = keepLooking({
    async look(stopping) {
      if (!(await isMine())) return undefined;
      for (const { tenant } of await dependencies.policies.newestVersions()) await lookThrough(tenant, stopping);
      return undefined;
    },
    everyMs: lookEveryMs,
    failed: (error) => log('could not look for changes whose workflow is gone; trying again', { error: String(error) }),
  });
  return {
    async stop() {
      await looking.stop();
      await leases.release(LEASE, owner);
    },
  };
}

const LEFT_ALONE: ReadonlySet<WorkflowExecutionStatusName> = new Set(['RUNNING', 'CONTINUED_AS_NEW']);
