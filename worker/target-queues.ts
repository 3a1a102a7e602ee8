import { setTimeout as delay } from 'node:timers/promises';
import type { Worker } from '@temporalio/worker';
import { type TenantId, targetTaskQueue } from '../domain/ids.ts';
import type { Policy } from '../domain/policy.ts';

export interface TargetQueuesDependencies {
  readonly policies: {
    newestVersions(): Promise<{ tenant: TenantId; version: number }[]>;
    at(tenant: TenantId, version: number): Promise<Policy>;
  };
  /** The workflows' queue, which every target's queue is named after. */
  readonly taskQueue: string;
  /** Makes the worker of one queue; this file runs it. */
  createWorker(taskQueue: string, concurrency: number): Promise<Worker>;
  /** Milliseconds between looks for new, changed and removed targets. */
  readonly lookEveryMs: number;
  log(message: string, facts: object): void;
}

export interface TargetQueues {
  /** Stops looking, and hands back or finishes what is under way. */
  stop(): Promise<void>;
  /** Rejects when a queue's worker dies. */
  readonly failed: Promise<never>;
}

interface Running {
  readonly worker: Worker;
  readonly concurrency: number;
  readonly ended: Promise<void>;
}

/**
 * Serves the queue of every target of every tenant, each with the concurrency that its target has, and follows the
 * configuration: a target that was added is served a moment later, one that was removed no more.
 */
export function serveTargetQueues(dependencies: TargetQueuesDependencies): TargetQueues {
  const running = new Map<string, Running>();
  const known = new Map<TenantId, { readonly version: number; readonly queues: ReadonlyMap<string, number> }>();
  const stopping = new AbortController();
  const failed = Promise.withResolvers<never>();
  // Nobody may be waiting for it when the process is going down anyway.
  failed.promise.catch(() => undefined);

  async function look(): Promise<void> {
    for (const { tenant, version } of await dependencies.policies.newestVersions()) {
      if (known.get(tenant)?.version === version) continue;
      known.set(tenant, {
        version,
        queues: queuesOf(dependencies.taskQueue, await dependencies.policies.at(tenant, version)),
      });
    }
    const wanted = new Map([...known.values()].flatMap(({ queues }) => [...queues]));
    for (const [queue, { concurrency }] of running) if (wanted.get(queue) !== concurrency) await end(queue);
    for (const [queue, concurrency] of wanted) if (!running.has(queue)) await begin(queue, concurrency);
  }

  async function begin(queue: string, concurrency: number): Promise<void> {
    const worker = await dependencies.createWorker(queue, concurrency);
    const ended = worker.run().catch((error: unknown) => failed.reject(error));
    running.set(queue, { worker, concurrency, ended });
    dependencies.log('serving a target', { queue, concurrency });
  }

  async function end(queue: string): Promise<void> {
    const entry = running.get(queue);
    running.delete(queue);
    if (entry?.worker.getState() === 'RUNNING') entry.worker.shutdown();
    await entry?.ended;
  }

  async function follow(): Promise<void> {
    while (!stopping.signal.aborted) {
      await look().catch((error: unknown) =>
        dependencies.log('could not read which targets there are; trying again', {
          error: error instanceof Error ? error.message : String(error),
        }),
      );
      await pause(dependencies.lookEveryMs, stopping.signal);
    }
  }

  const following = follow();
  return {
    failed: failed.promise,
    async stop() {
      stopping.abort();
      await following;
      await Promise.all([...running.keys()].map(end));
    },
  };
}

function queuesOf(taskQueue: string, policy: Policy): Map<string, number> {
  const targets = policy.identityProviders.flatMap((provider) => provider.targets);
  return new Map(targets.map((target) => [targetTaskQueue(taskQueue, policy.tenant, target.id), target.concurrency]));
}

/** Ends early, and quietly, when there is no use in waiting on. */
const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  delay(ms, undefined, { signal }).catch(() => undefined);
