import { randomUUID } from 'node:crypto';
import { Client, Connection, WithStartWorkflowOperation, type WorkflowHandle } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import type {
  ChangeReport,
  CoreActivities,
  Persisted,
  Provisioned,
  ProvisionInput,
} from '../../activities/contract.ts';
import type { AcceptedChange } from '../../domain/change.ts';
import type { PlannedStep } from '../../domain/decide.ts';
import {
  asChangeId,
  asResourceId,
  asTargetId,
  asTenantId,
  resourceWorkflowId,
  targetTaskQueue,
  urgentTaskQueue,
} from '../../domain/ids.ts';
import { DEFAULT_RETRY } from '../../domain/policy.ts';
import { createLogger } from '../../platform/log.ts';
import { installTemporalRuntime } from '../../platform/temporal-worker.ts';
import { bundleWorkflows } from '../../worker/bundle-workflows.ts';
import { nameFailures } from '../../worker/name-failures.ts';
import {
  type Acknowledgement,
  applyChangeUpdate,
  type CarriedWork,
  RESOURCE_WORKFLOW,
  type ResourceWorkflowInput,
  submitChangeSignal,
} from '../../workflows/messages.ts';

installTemporalRuntime({ log: createLogger({ service: 'test', level: 'silent' }) });

export const TENANT = asTenantId('acme');
export const TARGET = asTargetId('directory');

/** A step at the target. */
export const step = (own: Partial<PlannedStep> = {}): PlannedStep => ({
  target: TARGET,
  name: 'Directory',
  blocking: false,
  onFailure: 'park',
  retry: DEFAULT_RETRY,
  ...own,
});

/** What the workflow asks of the world. Each may fail as a test wants it to. */
export interface World {
  /** Absent: it is stored, with one step at the target. */
  persist?(change: AcceptedChange): Promise<Partial<Persisted>> | Partial<Persisted>;
  restore?: CoreActivities['restore'];
  report?: CoreActivities['report'];
  moveApproval?: CoreActivities['moveApproval'];
  /** Absent: the target confirms. */
  provision?(input: ProvisionInput): Promise<void> | void;
}

/** One user's workflow on a real server, with a worker whose activities are the test's. */
export async function startResourceWorker(world: World, settings: Partial<ResourceWorkflowInput['settings']> = {}) {
  const address = process.env['TEMPORAL_ADDRESS'] ?? '127.0.0.1:7233';
  const taskQueue = `wf-${randomUUID()}`;
  const user = asResourceId(randomUUID());
  const [connection, native] = await Promise.all([
    Connection.connect({ address }),
    NativeConnection.connect({ address }),
  ]);
  const temporal = new Client({ connection });
  const bundle = process.env['PROVOST_WORKFLOW_BUNDLE'];
  const workflowBundle = bundle === undefined ? await bundleWorkflows() : { codePath: bundle };
  const common = { connection: native, interceptors: { activity: [() => ({ inbound: nameFailures })] } };

  /** Changes in the order in which they were written, and all that was recorded. */
  const persisted: string[] = [];
  const reports: ChangeReport[] = [];
  const provisioned: ProvisionInput[] = [];
  let version = 0;
  const core: CoreActivities = {
    async persist(change) {
      const own = (await world.persist?.(change)) ?? {};
      persisted.push(change.id);
      version += 1;
      const at = new Date().toISOString();
      const reference = { resourceId: user, version, lastModified: at, changed: true };
      return { mode: 'persist-and-provision', reference, steps: [step()], at, ...own };
    },
    async restore(input) {
      return (await world.restore?.(input)) ?? true;
    },
    async report(input) {
      await world.report?.(input);
      reports.push(...input.reports);
    },
    async moveApproval(input) {
      if (world.moveApproval === undefined) throw new Error('no test asks for approvals');
      return world.moveApproval(input);
    },
    newestPolicyVersion: async () => 1,
    beginReconciliation: async () => undefined,
    reproject: async () => undefined,
  };
  const targets = {
    async provision(input: ProvisionInput): Promise<Provisioned> {
      provisioned.push(input);
      await world.provision?.(input);
      return { action: 'update', attempts: 1, at: new Date().toISOString() };
    },
  };
  const workers: { worker: Worker; ended: Promise<void> }[] = [];
  const queues = [targetTaskQueue(taskQueue, TENANT, TARGET), urgentTaskQueue(taskQueue, TENANT, TARGET)];

  const input = (carried?: CarriedWork): [ResourceWorkflowInput] => [
    {
      tenant: TENANT,
      resourceType: 'User',
      resourceId: user,
      settings: { blockingWaitMs: 20_000, continueAfterEvents: 4_000, ...settings },
      ...(carried === undefined ? {} : { carried }),
    },
  ];
  const workflowId = resourceWorkflowId('User', TENANT, user);
  const startOf = (carried?: CarriedWork) =>
    new WithStartWorkflowOperation(RESOURCE_WORKFLOW, {
      workflowId,
      taskQueue,
      args: input(carried),
      workflowIdConflictPolicy: 'USE_EXISTING',
    });

  return {
    temporal,
    persisted: persisted as readonly string[],
    reports: reports as readonly ChangeReport[],
    provisioned: provisioned as readonly ProvisionInput[],
    get handle(): WorkflowHandle {
      return temporal.workflow.getHandle(workflowId);
    },
    change: (id: string, own: Partial<AcceptedChange> = {}): AcceptedChange => ({
      id: asChangeId(id),
      tenant: TENANT,
      operation: 'patch',
      resourceType: 'User',
      resourceId: user,
      policyVersion: 1,
      urgent: false,
      receivedAt: new Date().toISOString(),
      ...own,
    }),
    /** As the API sends a change; `carried` is what a run before has left, where it starts one. */
    apply: (change: AcceptedChange, carried?: CarriedWork): Promise<Acknowledgement> =>
      temporal.workflow.executeUpdateWithStart(applyChangeUpdate, {
        args: [change],
        updateId: change.id,
        startWorkflowOperation: startOf(carried),
      }),
    async submit(change: AcceptedChange): Promise<void> {
      await temporal.workflow.signalWithStart(RESOURCE_WORKFLOW, {
        workflowId,
        taskQueue,
        args: input(),
        signal: submitChangeSignal,
        signalArgs: [change],
      });
    },
    stateOf: (id: string) => reports.findLast(({ change }) => change === id)?.state,
    async startWorkers(): Promise<void> {
      workers.push(run(await Worker.create({ ...common, workflowBundle, taskQueue, activities: { ...core } })));
      for (const queue of queues)
        workers.push(run(await Worker.create({ ...common, taskQueue: queue, activities: targets })));
    },
    async stop(): Promise<void> {
      await temporal.workflow
        .getHandle(workflowId)
        .terminate('the test is over')
        .catch(() => undefined);
      for (const { worker } of workers) worker.shutdown();
      await Promise.all(workers.map(({ ended }) => ended));
      await connection.close();
      await native.close();
    },
  };
}

const run = (worker: Worker) => ({ worker, ended: worker.run() });
