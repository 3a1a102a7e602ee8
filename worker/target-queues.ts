import type { Worker } from '@temporalio/worker';
import { type TenantId, targetQueueOf, targetTaskQueue, urgentTaskQueue } from '../domain/ids.ts';
import type { Policy, Target } from '../domain/policy.ts';
import { HEALTHY, type StandingName, standingOf, type TargetHealth } from '../domain/target-health.ts';
import { targetKey } from '../stores/target-states.ts';
import { createAttention } from './attention.ts';
import { pause } from './keep-looking.ts';

export interface TargetQueuesDependencies {
  readonly policies: {
    newestVersions(): Promise<{ tenant: TenantId; version: number }[]>;
    at(tenant: TenantId, version: number): Promise<Policy>;
  };
  /** Targets that are paused or in quarantine, by {@link targetKey}. */
  readonly targetStates: { closed(): Promise<ReadonlyMap<string, TargetHealth>> };
  /** The workflows' queue, which every target's queue is named after. */
  readonly taskQueue: string;
  /** Makes the worker of one queue; this file runs it. */
  createWorker(taskQueue: string, concurrency: number): Promise<ServingWorker>;
  /** How many steps wait in queues. */
  backlog(queues: readonly string[]): Promise<number>;
  /** As many targets are served all the time; beyond them, those that have something to do. */
  readonly keep: number;
  /** Milliseconds that a target beyond them is still served after its last step. */
  readonly idleMs: number;
  /** Milliseconds between looks for new, changed, closed and removed targets. */
  readonly lookEveryMs: number;
  now(): number;
  log(message: string, facts: object): void;
  /** Told after each look where targets stand. */
  observe(standings: readonly ObservedTarget[]): void;
}

export type ServingWorker = Pick<Worker, 'run' | 'shutdown' | 'getState' | 'getStatus'>;

export interface ObservedTarget {
  readonly tenant: TenantId;
  readonly target: Target['id'];
  readonly state: StandingName;
}

export interface TargetQueues {
  /** A step was put into this queue: it is served now, if it was not. */
  stepScheduled(queue: string): void;
  /** Stops looking, and hands back or finishes what is under way. */
  stop(): Promise<void>;
  /** Rejects when a queue's worker dies. */
  readonly failed: Promise<never>;
}

interface Running {
  readonly worker: ServingWorker;
  readonly slots: number;
  readonly ended: Promise<void>;
}

interface KnownTarget {
  readonly tenant: TenantId;
  readonly target: Target;
  /** Name of its queue. */
  readonly queue: string;
}

/** What opens within this is waited for in the slots; a worker takes as long to end and to begin. */
const SOON_MS = 3_000;

/** Targets that are not served are asked after in turn, so many between two looks: whether something waits for them. */
const ASKED_AT_ONCE = 20;

/**
 * Serves the queues of targets, each with the concurrency that its target has, and follows the configuration: a target
 * that was added is served a moment later, one that was removed no more.
 *
 * A target that cannot be called is not served: its steps wait in Temporal's queue, where waiting costs nothing and uses
 * up no attempt. When it opens again, urgent steps are served a look before the others.
 *
 * Where there are very many targets, those that have had nothing to do for longest are not served either: each queue
 * that is listened to costs a poll that is always open, and Temporal limits those of a namespace.
 */
export function serveTargetQueues(dependencies: TargetQueuesDependencies): TargetQueues {
  const { keep, idleMs, lookEveryMs, now } = dependencies;
  const running = new Map<string, Running>();
  /** Queues whose worker is coming up or going down; nothing else is done to them meanwhile. */
  const changing = new Map<string, Promise<void>>();
  const known = new Map<TenantId, { readonly version: number; readonly targets: readonly KnownTarget[] }>();
  const attention = createAttention({ keep, idleMs, now });
  let closed: ReadonlyMap<string, TargetHealth> = new Map();
  let pausing = new AbortController();
  const stopping = new AbortController();
  const failed = Promise.withResolvers<never>();
  // Nobody may be waiting for it when the process is going down anyway.
  failed.promise.catch(() => undefined);

  async function read(): Promise<void> {
    for (const { tenant, version } of await dependencies.policies.newestVersions()) {
      if (known.get(tenant)?.version === version) continue;
      const policy = await dependencies.policies.at(tenant, version);
      const targets = policy.identityProviders.flatMap((provider) => provider.targets);
      known.set(tenant, {
        version,
        targets: targets.map((target) => ({
          tenant,
          target,
          queue: targetTaskQueue(dependencies.taskQueue, tenant, target.id),
        })),
      });
    }
    closed = await dependencies.targetStates.closed();
  }

  const targets = (): KnownTarget[] => [...known.values()].flatMap((tenant) => tenant.targets);

  function serve(): void {
    // What runs is at work, and a target that is closed has something to wait for.
    for (const [queue, { worker }] of running)
      if (worker.getStatus().numInFlightActivities > 0) attention.give(targetQueueOf(queue));
    for (const { tenant, target, queue } of targets())
      if (closed.has(targetKey(tenant, target.id))) attention.give(queue);
    const kept = attention.choose(targets().map(({ queue }) => queue));
    const wanted = new Map(
      targets()
        .filter(({ queue }) => kept.has(queue))
        .flatMap(queuesOf),
    );
    for (const [queue, { slots }] of running) if (wanted.get(queue) !== slots) alone(queue, () => end(queue));
    for (const [queue, slots] of wanted) if (!running.has(queue)) alone(queue, () => begin(queue, slots));
  }

  async function look(): Promise<void> {
    await read();
    serve();
    dependencies.observe(
      targets().map(({ tenant, target }) => ({
        tenant,
        target: target.id,
        state: standing(target, tenant).state,
      })),
    );
  }

  /** The queues of a target that are to be served now, with their slots. */
  function queuesOf({ tenant, target, queue }: KnownTarget): [string, number][] {
    const isServed = (urgent: boolean): boolean => {
      const { state, until = Number.POSITIVE_INFINITY, probeDue } = standing(target, tenant, urgent);
      return state === 'open' || probeDue || (state === 'throttled' && until - now() < SOON_MS);
    };
    const urgentQueue = urgentTaskQueue(dependencies.taskQueue, tenant, target.id);
    return [
      ...(isServed(true) ? [[urgentQueue, urgentSlots(target)] as [string, number]] : []),
      // What is urgent goes first when a target opens again.
      ...(isServed(false) && running.has(urgentQueue) ? [[queue, slotsOf(target)] as [string, number]] : []),
    ];
  }

  function standing(target: Target, tenant: TenantId, urgent = false) {
    const health = closed.get(targetKey(tenant, target.id)) ?? HEALTHY;
    return standingOf(health, target, now(), urgent);
  }

  /** One thing at a time to a queue; a target that hangs while its worker ends keeps no other waiting. */
  function alone(queue: string, doing: () => Promise<void>): void {
    if (changing.has(queue)) return;
    const done = doing()
      .catch((error: unknown) => failed.reject(error))
      .finally(() => changing.delete(queue));
    changing.set(queue, done);
  }

  async function begin(queue: string, slots: number): Promise<void> {
    const worker = await dependencies.createWorker(queue, slots);
    const ended = worker.run().catch((error: unknown) => failed.reject(error));
    running.set(queue, { worker, slots, ended });
    dependencies.log('serving a target', { queue, slots });
  }

  async function end(queue: string): Promise<void> {
    const entry = running.get(queue);
    if (entry?.worker.getState() === 'RUNNING') entry.worker.shutdown();
    await entry?.ended;
    running.delete(queue);
    dependencies.log('serving a target no more', { queue });
  }

  async function follow(): Promise<void> {
    while (!stopping.signal.aborted) {
      await look().catch((error: unknown) =>
        dependencies.log('could not read which targets there are; trying again', {
          error: error instanceof Error ? error.message : String(error),
        }),
      );
      // A target that is coming up has its other queue to come.
      await pause(changing.size > 0 ? lookEveryMs / 5 : lookEveryMs, pausing.signal);
      pausing = new AbortController();
    }
  }

  /** Finds steps of targets that are not served: put there by a process that is gone, or due again after a long wait. */
  async function seek(): Promise<void> {
    let next = 0;
    while (!stopping.signal.aborted) {
      const others = targets().filter(({ queue }) => !attention.has(queue));
      if (next >= others.length) next = 0;
      const asked = others.slice(next, next + ASKED_AT_ONCE);
      next += asked.length;
      await Promise.all(
        asked.map(async ({ tenant, target, queue }) => {
          const urgentQueue = urgentTaskQueue(dependencies.taskQueue, tenant, target.id);
          // What could not be asked is asked in its next turn.
          if ((await dependencies.backlog([queue, urgentQueue]).catch(() => 0)) > 0) stepScheduled(queue);
        }),
      );
      await pause(lookEveryMs, stopping.signal);
    }
  }

  function stepScheduled(queue: string): void {
    const target = targetQueueOf(queue);
    const wasServed = attention.has(target);
    attention.give(target);
    if (!wasServed) pausing.abort();
  }

  const loops = Promise.all([follow(), seek()]);
  return {
    failed: failed.promise,
    stepScheduled,
    async stop() {
      stopping.abort();
      pausing.abort();
      await loops;
      await Promise.all(changing.values());
      await Promise.all([...running.keys()].map(end));
    },
  };
}

/** A step of a slow target waits in its slot for its calls: more of them than ten seconds' calls would only wait longer. */
const slotsOf = ({ concurrency, rateLimit }: Target): number =>
  rateLimit === undefined ? concurrency : Math.min(concurrency, Math.max(1, Math.ceil(rateLimit.perSecond * 10)));

/** On top of the others: a quarter as many, so that a target full of slow steps still takes a deactivation. */
const urgentSlots = (target: Target): number => Math.max(1, Math.ceil(slotsOf(target) / 4));
