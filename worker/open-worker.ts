import { createReconcile } from '../activities/index.ts';
import { createResourceRules } from '../domain/apply-change.ts';
import { applyPatch } from '../domain/scim/patch/apply-patch.ts';
import type { Resource } from '../domain/scim/resource.ts';
import { resourceTypeNamed } from '../domain/scim/schema/tenant-types.ts';
import type { Config } from '../platform/config.ts';
import { createDataConverter } from '../platform/data-converter.ts';
import { signDecision } from '../platform/decision-link.ts';
import { createDeriveId } from '../platform/derived-id.ts';
import { createKeyRing } from '../platform/key-ring.ts';
import type { Logger } from '../platform/log.ts';
import { createMailer } from '../platform/mailer.ts';
import type { Metrics } from '../platform/metrics.ts';
import { createQueueBacklog } from '../platform/queue-backlog.ts';
import { createSealer } from '../platform/seal.ts';
import { connectTemporal, createTemporalClient } from '../platform/temporal.ts';
import { createTemporalLogger } from '../platform/temporal-logger.ts';
import { connectNative } from '../platform/temporal-worker.ts';
import { CONTENT_HASH_SECRET, createContentHash } from '../stores/content-hash.ts';
import { createDeviationTally, DEVIATIONS_EVERY_MS } from '../stores/deviation-tally.ts';
import { connectMigrated } from '../stores/migrations/connect-migrated.ts';
import { openStores } from '../stores/open-stores.ts';
import { createAdopt } from './adopt-account.ts';
import { createAnnounce } from './announce.ts';
import { createApplyChange } from './apply-change.ts';
import { bundleWorkflows } from './bundle-workflows.ts';
import { carryOutDecisions } from './carry-out-decisions.ts';
import { createConnectors } from './connectors.ts';
import { keepReconciliationSchedules } from './reconciliation-schedules.ts';
import { recoverJobs } from './recover-jobs.ts';
import { createHandOverAgain, createRequestReprojection } from './request-reprojection.ts';
import { createRetryParked } from './retry-parked.ts';
import { createDeletionSchedule } from './schedule-deletion.ts';
import { sealAudit } from './seal-audit.ts';
import { createStartJob, createStartJobWorkflow } from './start-job.ts';
import { type RunningWorker, startWorker } from './start-worker.ts';
import { takeUpAgain } from './take-up-again.ts';
import { createTargetConnector } from './target-connector.ts';
import { watchTargets } from './watch-targets.ts';
import { createWebhookPost } from './webhook-post.ts';

export interface WorkerSurroundings {
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** The worker's composition root: connects everything by the configuration and starts it. */
export async function openWorker(config: Config, { log, metrics }: WorkerSurroundings): Promise<RunningWorker> {
  const { workflowBundle } = config.worker;
  const keys = createKeyRing(config.encryption.keys);
  const sealer = createSealer(keys);
  const mongo = await connectMigrated(config.mongo);
  const [connection, clientConnection] = await Promise.all([
    connectNative(config.temporal, log),
    connectTemporal(config.temporal, log),
  ]);
  const stores = openStores(mongo, sealer, {
    policyCacheMs: config.changes.policyCacheMs,
    now: Date.now,
    onAuditAlarm({ tenant, resourceType, resourceId, reason }) {
      log.error({ tenant, resourceType, resourceId, reason }, 'something is wrong with an audit trail');
      metrics.observeAuditAlarm(reason);
    },
  });
  const deriveId = createDeriveId(await stores.secrets.obtain('derived-ids'));
  const deviations = createDeviationTally(stores.deviations, DEVIATIONS_EVERY_MS);
  const connectors = createConnectors({
    build: createTargetConnector(sealer, config.outbound.allow),
    now: Date.now,
    log: (message, facts) => log.warn(facts, message),
  });

  const dataConverter = createDataConverter(keys, {
    accept: config.temporal.acceptedPayloads,
    onRefused(reason, workflowId) {
      log.error({ reason, workflowId }, 'a payload from Temporal is refused: this installation did not write it');
      metrics.observeRefusedPayload(reason);
    },
  });
  const door = {
    temporal: createTemporalClient(clientConnection, config.temporal, dataConverter),
    changes: stores.changes,
    taskQueue: config.temporal.taskQueue,
    settings: config.changes,
  };
  const requestReprojection = createRequestReprojection({ ...stores, ...door, deriveId, now: () => new Date() });

  const jobStart = {
    ...door,
    jobs: stores.jobs,
    continueAfterEvents: config.changes.continueAfterEvents,
    now: () => new Date(),
  };
  const startJob = createStartJob(jobStart);

  const applyChange = createApplyChange(door);
  const now = (): Date => new Date();
  const reconcile = createReconcile({
    ...stores,
    withConnector: connectors.withConnector,
    requestReprojection,
    adopt: createAdopt({ ...stores, applyChange, deriveId, now }),
    now,
  });

  const mailer = createMailer(config.mail);
  const backlog = createQueueBacklog(clientConnection, config.temporal.namespace);
  const webhookPost = createWebhookPost(config.outbound.allow);
  const worker = await startWorker({
    connection,
    namespace: config.temporal.namespace,
    taskQueue: config.temporal.taskQueue,
    dataConverter,
    workflowBundle:
      workflowBundle === undefined ? await bundleWorkflows(createTemporalLogger(log)) : { codePath: workflowBundle },
    core: {
      ...stores,
      requestReprojection,
      startJob,
      announce: createAnnounce(door),
      rulesFor: (policy, resourceType) => createResourceRules(resourceTypeNamed(policy, resourceType)),
      observeDeviations: deviations.observe,
      now: () => new Date(),
    },
    notify: {
      ...stores,
      sendMail: mailer.send,
      post: webhookPost.post,
      linkFor: async (approval, approver, delegate) => {
        const { tenant, id, stage, expiresAt } = approval;
        const decision = { tenant, approval: id, stage, approver, ...(delegate && { delegate }) };
        return `${config.api.publicUrl}/approvals/decide?token=${await signDecision(keys, decision, expiresAt)}`;
      },
      now,
    },
    bulk: { bulkRequests: stores.bulkRequests, applyChange, now },
    jobs: {
      ...stores,
      requestReprojection,
      handOverAgain: createHandOverAgain(door),
      reconcile,
      retryParked: createRetryParked(door.temporal, now),
      now,
    },
    provision: {
      ...stores,
      deletions: createDeletionSchedule({ ...door, deriveId, now: () => new Date() }),
      withConnector: connectors.withConnector,
      requestReprojection,
      typeNamed: async (tenant, resourceType) => resourceTypeNamed(await stores.policies.current(tenant), resourceType),
      patchAccount: (account, operations, type) =>
        applyPatch(account as Resource, operations, type, 'tolerant').resource,
      hash: createContentHash(await stores.secrets.obtain(CONTENT_HASH_SECRET)),
      now: () => new Date(),
      observeStep: metrics.observeStep,
    },
    policies: stores.policies,
    targetStates: stores.targetStates,
    observeTargets: watchTargets({
      taskQueue: config.temporal.taskQueue,
      metrics,
      backlog,
      now: Date.now,
    }),
    backlog,
    keepTargets: config.worker.targets,
    version: config.worker.versioned
      ? { deploymentName: config.worker.deploymentName, buildId: config.worker.buildId }
      : undefined,
    shutdownGraceMs: config.shutdown.graceMs,
    workflowTasks: config.worker.workflowTasks,
    log: (message, facts) => log.info(facts, message),
  });

  const decisions = carryOutDecisions({
    ...stores,
    temporal: door.temporal,
    lookEveryMs: 1_000,
    now: Date.now,
    log: (message, facts) => log.info(facts, message),
  });

  const recovery = {
    temporal: door.temporal,
    afterMs: config.worker.takeUpAfterMs,
    now: () => new Date(),
    log: (message: string, facts: object) => log.info(facts, message),
  };
  const takingUp = takeUpAgain({
    ...stores,
    ...recovery,
    handOverAgain: createHandOverAgain(door),
    recoverJobs: (tenant) =>
      recoverJobs(tenant, { ...recovery, jobs: stores.jobs, startWorkflow: createStartJobWorkflow(jobStart) }),
    lookEveryMs: Math.min(config.worker.takeUpAfterMs, 30_000),
  });

  const schedules = keepReconciliationSchedules({
    ...stores,
    temporal: door.temporal,
    taskQueue: config.temporal.taskQueue,
    lookEveryMs: 5_000,
    log: (message, facts) => log.info(facts, message),
  });

  const { sealEveryMs, sealFile, sealWebhook } = config.audit;
  const sealing = sealAudit({
    seals: stores.audit.seals,
    ...{ leases: stores.leases, everyMs: sealEveryMs, file: sealFile, webhook: sealWebhook },
    post: (url, headers, body) => webhookPost.post(undefined, url, headers, body),
    now,
    log: (message, facts) => log.info(facts, message),
  });

  return {
    failed: worker.failed,
    async stop() {
      await takingUp.stop();
      await schedules.stop();
      await sealing.stop();
      await decisions.stop();
      await worker.stop();
      await deviations.close();
      await connectors.close();
      mailer.close();
      await webhookPost.close();
      await connection.close();
      await clientConnection.close();
      await mongo.close();
    },
  };
}
