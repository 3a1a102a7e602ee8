import type { Express } from 'express';
import { findConnectorType } from '../connectors/registry.ts';
import { createTargetTest } from '../connectors/target-test.ts';
import { asTenantId, targetTaskQueue, urgentTaskQueue } from '../domain/ids.ts';
import type { Config } from '../platform/config.ts';
import { createCredentialVerifier } from '../platform/credential-cache.ts';
import { createDataConverter } from '../platform/data-converter.ts';
import { readDecision } from '../platform/decision-link.ts';
import { createDeriveId } from '../platform/derived-id.ts';
import { createKeyRing } from '../platform/key-ring.ts';
import type { Logger } from '../platform/log.ts';
import type { Metrics } from '../platform/metrics.ts';
import { createPasswords } from '../platform/passwords.ts';
import { createPayloadCodec } from '../platform/payload-codec.ts';
import { createQueueBacklog } from '../platform/queue-backlog.ts';
import { createSealer } from '../platform/seal.ts';
import { connectTemporal, createTemporalClient } from '../platform/temporal.ts';
import { createAssignedValues } from '../stores/assigned-values.ts';
import { ensureIndexes } from '../stores/connect.ts';
import { createDeviationTally, DEVIATIONS_EVERY_MS } from '../stores/deviation-tally.ts';
import { createMembershipReader } from '../stores/membership-reader.ts';
import { connectMigrated } from '../stores/migrations/connect-migrated.ts';
import { openStores } from '../stores/open-stores.ts';
import { createReproject } from './admin/accounts/reproject.ts';
import { createAdminRoutes } from './admin/admin-routes.ts';
import { createOperate } from './admin/changes/operate-by-temporal.ts';
import { createJobControl } from './admin/jobs/control-by-temporal.ts';
import { createApp } from './app.ts';
import { bootstrap } from './bootstrap.ts';
import { createChangeDoor, createHandOver } from './change-door.ts';
import { createFingerprint } from './fingerprint.ts';
import { requireStanding } from './identify/authenticate.ts';
import { identifyBasic } from './identify/basic.ts';
import { createBearer } from './identify/bearer.ts';
import { createCredentialsCache } from './identify/credentials-cache.ts';
import { remoteKeys } from './identify/issuers.ts';
import { createFindPerson, createFindStanding } from './identify/person.ts';
import { createSignInLimits } from './identify/sign-in-limits.ts';
import { limitAnonymousRate, limitRate } from './limit-rate.ts';
import { recordKeysOf } from './oauth/record-keys.ts';
import { rotateOnSchedule } from './oauth/rotate-on-schedule.ts';
import { createSigningKeyRotation } from './oauth/signing-key-rotation.ts';
import { createSigningKeys } from './oauth/signing-keys.ts';
import { createBulkEngine, createBulkRunner } from './scim2/bulk/index.ts';
import { createComputedAttributes } from './scim2/computed-attributes.ts';
import { createMembershipFilters } from './scim2/membership-filters.ts';
import { createDeviationObserver } from './scim2/observe-deviations.ts';
import { createSoapSessions } from './soap/sessions/sessions.ts';
import { createSoapAdministration } from './soap-administration.ts';

export interface ApiSurroundings {
  readonly log: Logger;
  readonly metrics: Metrics;
}

export interface OpenedApi {
  readonly app: Express;
  close(): Promise<void>;
}

/** Margin that the answer to a blocking change gets above the wait for its targets, milliseconds. */
const ANSWER_MARGIN_MS = 10_000;

/** The API's composition root: connects everything by the configuration. Not listening yet. */
export async function openApi(config: Config, { log, metrics }: ApiSurroundings): Promise<OpenedApi> {
  const keys = createKeyRing(config.encryption.keys);
  const sealer = createSealer(keys);
  const mongo = await connectMigrated(config.mongo);
  const connection = await connectTemporal(config.temporal, log);
  const stores = openStores(mongo, sealer, {
    policyCacheMs: config.changes.policyCacheMs,
    now: Date.now,
    onAuditAlarm({ tenant, resourceType, resourceId, reason }) {
      log.error({ tenant, resourceType, resourceId, reason }, 'something is wrong with an audit trail');
      metrics.observeAuditAlarm(reason);
    },
  });
  await ensureIndexes(mongo);

  const temporal = createTemporalClient(
    connection,
    config.temporal,
    createDataConverter(keys, { accept: config.temporal.acceptedPayloads }),
  );
  const passwords = createPasswords();
  const { publicUrl } = config.api;
  const findCredential = createCredentialsCache(stores.credentials, Date.now);
  const basic = { findCredential, verifySecret: createCredentialVerifier(passwords).verify };
  const findPerson = createFindPerson(stores.resources);
  const findStanding = createFindStanding(stores.resources);
  const signingKeys = createSigningKeys(stores.signingKeys, Date.now);
  const keySchedule = rotateOnSchedule(
    createSigningKeyRotation(
      stores.signingKeys,
      recordKeysOf(stores.audit, asTenantId(config.bootstrap.tenant), 'schedule'),
      Date.now,
    ),
    { rotateAfterMs: config.oauth.signingKeyRotationMs, tokenLifetimeMs: config.oauth.accessTokenLifetimeMs },
    {
      done: (maintained) => log.info(maintained, 'signing keys were rotated'),
      failed: (error) =>
        log.error({ err: error }, 'signing keys could not be looked after; they are tried again in an hour'),
    },
  );
  const issuers = [
    { kind: 'own' as const, issuer: publicUrl, audience: publicUrl, keys: signingKeys.verificationKeys },
    ...config.oauth.trustedIssuers.map(({ jwksUri, tenants, ...trusted }) => ({
      kind: 'trusted' as const,
      ...trusted,
      tenants: tenants.map(asTenantId),
      keys: remoteKeys(jwksUri),
    })),
  ];
  const signIns = createSignInLimits({
    now: Date.now,
    observeFailure: metrics.observeSignInFailure,
    observeRefusal: ({ isFirst, ...refusal }) => {
      metrics.observeSignInRefusal(refusal);
      if (isFirst) log.warn(refusal, 'sign-in attempts fail too often and are slowed down');
    },
  });
  await bootstrap(config.bootstrap, { ...stores, hashSecret: passwords.hash, now: () => new Date() });

  const answerWithinMs = config.changes.blockingWaitMs + ANSWER_MARGIN_MS;
  const door = {
    temporal,
    changes: stores.changes,
    taskQueue: config.temporal.taskQueue,
    settings: {
      blockingWaitMs: config.changes.blockingWaitMs,
      continueAfterEvents: config.changes.continueAfterEvents,
    },
  };
  const submit = createChangeDoor({
    ...door,
    answerWithinMs,
    now: Date.now,
    reportEngineFailure: (error) => log.warn({ err: error }, 'the workflow engine did not answer'),
    observeChange: metrics.observeChange,
  });
  const tally = createDeviationTally(stores.deviations, DEVIATIONS_EVERY_MS);
  const reader = createMembershipReader(stores);
  const backlog = createQueueBacklog(connection, config.temporal.namespace);
  const targetTest = createTargetTest(sealer, config.outbound.allow);

  const scim2 = {
    submit,
    resources: stores.resources,
    policies: stores.policies,
    hashPassword: passwords.hash,
    fingerprint: createFingerprint(keys),
    deriveId: createDeriveId(await stores.secrets.obtain('derived-ids')),
    observeDeviations: createDeviationObserver({
      observe: tally.observe,
      observeDeviation: metrics.observeDeviation,
    }),
    publicUrl,
    sealer,
    assigned: createAssignedValues(mongo, Date.now),
    computed: createComputedAttributes(reader),
    virtual: createMembershipFilters({ memberships: stores.memberships, reader }),
    now: () => new Date(),
  };
  const { bulkMaxOperations, bulkMaxPayloadBytes, bulkWaitMs, outcomesKeptMs } = config.api;
  const bulk = createBulkRunner({
    ...scim2,
    bulkRequests: stores.bulkRequests,
    engine: createBulkEngine(temporal, config.temporal.taskQueue, Date.now),
    maxOperations: bulkMaxOperations,
    waitMs: bulkWaitMs,
    keptMs: outcomesKeptMs,
  });
  const asynchronous = {
    handOver: createHandOver(door),
    changes: stores.changes,
    bulkRequests: stores.bulkRequests,
    policyAt: stores.policies.at,
    keptMs: outcomesKeptMs,
  };

  const operate = createOperate({ temporal, answerWithinMs, now: Date.now });
  const app = createApp({
    authenticate: {
      ...basic,
      findPerson,
      signIns,
      findStanding,
      identifyBearer: createBearer({ issuers, findCredential, now: Date.now }),
    },
    token: {
      ...basic,
      keys: signingKeys,
      issuer: publicUrl,
      audience: publicUrl,
      tokenLifetimeSeconds: config.oauth.accessTokenLifetimeMs / 1000,
      now: Date.now,
      signIns,
    },
    codec: {
      codec: createPayloadCodec(keys, { accept: 'any' }),
      token: config.codec.token,
      uiOrigins: config.codec.uiOrigins,
      signIns,
    },
    health: {
      checks: {
        mongodb: async () => {
          await mongo.db?.admin().ping();
          if (mongo.readyState !== 1) throw new Error('not connected');
        },
        temporal: () => connection.workflowService.getSystemInfo({}),
      },
      now: () => performance.now(),
    },
    scim2: {
      ...scim2,
      bulk,
      asynchronous,
      features: { bulk: { maxOperations: bulkMaxOperations, maxPayloadSize: bulkMaxPayloadBytes } },
    },
    soap: {
      memberships: stores.memberships,
      verifyPassword: passwords.verify,
      signIns,
      sessions: createSoapSessions({
        store: stores.soapSessions,
        findCredential,
        resources: stores.resources,
        now: Date.now,
      }),
      identify: async (presented, origin) => {
        const verifySecret: typeof basic.verifySecret = (secret) => basic.verifySecret({ ...secret, origin });
        const principal = await identifyBasic(presented, { findCredential, findPerson, verifySecret });
        await requireStanding(principal, { findCredential, findStanding });
        return principal;
      },
      administration: createSoapAdministration({
        policies: stores.policies,
        audit: stores.audit,
        now: () => new Date(),
      }),
      knowsResource: async (tenant, resourceId) =>
        (await stores.links.ofResource(tenant, resourceId)).length > 0 ||
        (await stores.changes.list(tenant, { resourceId, limit: 1 })).length > 0,
    },
    decisions: {
      ...stores,
      operate,
      signIns,
      readDecision: (token) => readDecision(keys, token),
      now: () => new Date(),
    },
    admin: createAdminRoutes({
      ...stores,
      findConnectorType,
      sealer,
      hashSecret: passwords.hash,
      forgetCredential: findCredential.forget,
      testTarget: targetTest.test,
      waitingSteps: (tenant, target) =>
        backlog([
          targetTaskQueue(config.temporal.taskQueue, tenant, target),
          urgentTaskQueue(config.temporal.taskQueue, tenant, target),
        ]),
      reproject: createReproject({ submit, policies: stores.policies, now: () => new Date() }),
      operate,
      jobControl: createJobControl({
        temporal,
        taskQueue: config.temporal.taskQueue,
        jobs: stores.jobs,
        settings: config.changes,
        now: () => new Date(),
      }),
      now: () => new Date(),
    }),
    limits: { bodyBytes: config.api.bodyLimitBytes, bulkBytes: config.api.bulkMaxPayloadBytes },
    rateLimit: limitRate(config.api.rateLimitPerSecond),
    anonymousRateLimit: limitAnonymousRate(config.api.rateLimitPerSecond),
    ownOrigins: [new URL(publicUrl).origin],
    trustProxy: config.api.trustProxy,
    observeRequest: (request) => {
      metrics.observeRequest(request);
      log.info(request, 'request');
    },
    reportUnexpected: (error, requestId) => log.error({ err: error, requestId }, 'unexpected failure'),
  });

  return {
    app,
    async close() {
      keySchedule.close();
      await targetTest.close();
      await tally.close();
      await connection.close();
      await mongo.close();
    },
  };
}
