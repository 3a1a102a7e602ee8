import { type InjectedSinks, type NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import {
  type BulkDependencies,
  bulkActivities,
  type CoreDependencies,
  coreActivities,
  type JobDependencies,
  jobActivities,
  type NotifyDependencies,
  notifyActivities,
  type ProvisionDependencies,
  provisionActivities,
} from '../activities/index.ts';
import type { StepSinks } from '../workflows/tell-steps.ts';
import { nameFailures } from './name-failures.ts';
import { serveTargetQueues, type TargetQueuesDependencies } from './target-queues.ts';

export interface WorkerDependencies {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly taskQueue: string;
  readonly dataConverter: NonNullable<WorkerOptions['dataConverter']>;
  readonly workflowBundle: NonNullable<WorkerOptions['workflowBundle']>;
  readonly core: CoreDependencies;
  readonly jobs: JobDependencies;
  readonly bulk: BulkDependencies;
  readonly notify: NotifyDependencies;
  readonly provision: ProvisionDependencies;
  readonly policies: TargetQueuesDependencies['policies'];
  readonly targetStates: TargetQueuesDependencies['targetStates'];
  readonly backlog: TargetQueuesDependencies['backlog'];
  /** See {@link TargetQueuesDependencies.keep}. */
  readonly keepTargets: number;
  observeTargets: TargetQueuesDependencies['observe'];
  /** Worker versioning; undefined leaves the build unversioned. */
  readonly version: { readonly deploymentName: string; readonly buildId: string } | undefined;
  /** Milliseconds that work under way has to finish before it is handed back. */
  readonly shutdownGraceMs: number;
  /** Most workflow tasks at once. What waits at Temporal is taken by priority; what waits in here is not. */
  readonly workflowTasks: number;
  log(message: string, facts: object): void;
}

export interface RunningWorker {
  /** Finishes or hands back what is under way. */
  stop(): Promise<void>;
  /** Rejects when a worker dies; never resolves. */
  readonly failed: Promise<never>;
}

/** Serves the workflows with their core activities, and each target's queue with its own limits. */
export async function startWorker(dependencies: WorkerDependencies): Promise<RunningWorker> {
  const { connection, namespace, taskQueue, dataConverter, version, shutdownGraceMs } = dependencies;
  const common = {
    connection,
    namespace,
    dataConverter,
    shutdownGraceTime: shutdownGraceMs,
    interceptors: { activity: [() => ({ inbound: nameFailures })] },
  };
  const core = await Worker.create({
    ...common,
    workflowBundle: dependencies.workflowBundle,
    sinks: {
      steps: { scheduled: { fn: (_workflow, queue: string) => targets.stepScheduled(queue), callDuringReplay: false } },
    } satisfies InjectedSinks<StepSinks>,
    taskQueue,
    maxConcurrentWorkflowTaskExecutions: dependencies.workflowTasks,
    activities: {
      ...coreActivities(dependencies.core),
      ...bulkActivities(dependencies.bulk),
      ...jobActivities(dependencies.jobs),
      ...notifyActivities(dependencies.notify),
    },
    // A workflow that a killed worker held in its cache is taken over after this long.
    stickyQueueScheduleToStartTimeout: '2 seconds',
    ...(version === undefined
      ? {}
      : { workerDeploymentOptions: { useWorkerVersioning: true, version, defaultVersioningBehavior: 'AUTO_UPGRADE' } }),
  });

  const activities = provisionActivities(dependencies.provision);
  const targets = serveTargetQueues({
    taskQueue,
    policies: dependencies.policies,
    targetStates: dependencies.targetStates,
    backlog: dependencies.backlog,
    keep: dependencies.keepTargets,
    idleMs: 60_000,
    lookEveryMs: 1_000,
    now: Date.now,
    log: dependencies.log,
    observe: dependencies.observeTargets,
    createWorker: (queue, slots) =>
      Worker.create({
        ...common,
        taskQueue: queue,
        activities,
        maxConcurrentActivityTaskExecutions: slots,
        // A queue that has nothing costs one open poll; there may be very many.
        activityTaskPollerBehavior: { type: 'autoscaling', minimum: 1, initial: 1, maximum: Math.min(slots, 5) },
      }),
  });
  const coreEnded = core.run();

  return {
    failed: Promise.race([coreEnded.then(() => new Promise<never>(() => undefined)), targets.failed]),
    async stop() {
      if (core.getState() === 'RUNNING') core.shutdown();
      await Promise.all([coreEnded, targets.stop()]);
    },
  };
}
