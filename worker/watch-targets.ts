import { targetTaskQueue, urgentTaskQueue } from '../domain/ids.ts';
import type { Metrics } from '../platform/metrics.ts';
import type { ObservedTarget } from './target-queues.ts';

export interface WatchDependencies {
  readonly taskQueue: string;
  readonly metrics: Pick<Metrics, 'setTargets' | 'setWaitingSteps'>;
  backlog(queues: readonly string[]): Promise<number>;
  now(): number;
}

/** Asking Temporal for a backlog is no thing to do every second. */
const COUNT_EVERY_MS = 15_000;

/** Keeps the gauges of targets: how many stand how, and how many steps wait for those that cannot be called. */
export function watchTargets({ taskQueue, metrics, backlog, now }: WatchDependencies) {
  let counted = 0;
  return (standings: readonly ObservedTarget[]): void => {
    metrics.setTargets(standings.map(({ state }) => state));
    if (now() - counted < COUNT_EVERY_MS) return;
    counted = now();
    const queues = standings
      .filter(({ state }) => state !== 'open')
      .flatMap(({ tenant, target }) => [
        targetTaskQueue(taskQueue, tenant, target),
        urgentTaskQueue(taskQueue, tenant, target),
      ]);
    // A gauge that could not be read keeps its value.
    backlog(queues).then(metrics.setWaitingSteps, () => undefined);
  };
}
