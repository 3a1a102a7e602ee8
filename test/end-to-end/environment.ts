import { randomBytes, randomUUID } from 'node:crypto';

export const ADMIN = { username: 'platform', password: 'platform-password' };

/** Environment of an installation of its own on the shared servers: own database, own task queue, own keys. */
export function ownEnvironment(overrides: Readonly<Record<string, string>> = {}): Record<string, string> {
  const name = randomUUID().slice(0, 8);
  const mongo = new URL(process.env['MONGODB_URI'] ?? 'mongodb://127.0.0.1:27017/');
  mongo.pathname = `/e2e-${name}`;
  return {
    TEMPORAL_ADDRESS: process.env['TEMPORAL_ADDRESS'] ?? '127.0.0.1:7233',
    MONGODB_URI: mongo.href,
    PROVOST_TASK_QUEUE: `e2e-${name}`,
    PROVOST_ENCRYPTION_KEYS: `test:${randomBytes(32).toString('base64')}`,
    // Nothing of an older release is left here, so every payload has to be bound to its workflow.
    PROVOST_TEMPORAL_PAYLOADS: 'bound',
    PROVOST_OUTBOUND_ALLOW: '127.0.0.0/8',
    PROVOST_BOOTSTRAP_ADMIN: `${ADMIN.username}:${ADMIN.password}`,
    PROVOST_API_PORT: '0',
    PROVOST_API_METRICS_PORT: '0',
    PROVOST_WORKER_METRICS_PORT: '0',
    PROVOST_RATE_LIMIT_PER_SECOND: '0',
    PROVOST_POLICY_CACHE_MS: '0',
    PROVOST_LOG_LEVEL: 'silent',
    ...(process.env['PROVOST_WORKFLOW_BUNDLE'] === undefined
      ? {}
      : { PROVOST_WORKFLOW_BUNDLE: process.env['PROVOST_WORKFLOW_BUNDLE'] }),
    ...overrides,
  };
}
