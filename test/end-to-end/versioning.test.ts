import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { asResourceId, asTenantId, resourceWorkflowId } from '../../domain/ids.ts';
import { until } from '../until.ts';
import { startInstallation, type TestInstallation } from './installation.ts';
import { type FaultySandbox, startFaultySandbox } from './sandbox.ts';
import { newTenant, settled } from './tenant.ts';

const DEPLOYMENT = `provost-${randomUUID().slice(0, 8)}`;
const BUILD = '1.4.0';

let provost: TestInstallation;
let sandbox: FaultySandbox;

before(async () => {
  [provost, sandbox] = await Promise.all([
    startInstallation({
      env: {
        PROVOST_WORKER_VERSIONING: 'on',
        PROVOST_WORKER_DEPLOYMENT: DEPLOYMENT,
        PROVOST_WORKER_BUILD_ID: BUILD,
      },
    }),
    startFaultySandbox(),
  ]);
});
after(async () => {
  await provost.stop();
  await sandbox.stop();
});

test('a versioned worker gets work once its build is the current one, and the workflow names deployment and build', async () => {
  const { workflowService } = provost.rawTemporal;
  // `temporal worker deployment set-current-version` does this at a release; the server knows a build that has polled.
  await until(
    'the build made current',
    () =>
      workflowService
        .setWorkerDeploymentCurrentVersion({
          namespace: provost.config.temporal.namespace,
          deploymentName: DEPLOYMENT,
          buildId: BUILD,
          identity: 'test',
          ignoreMissingTaskQueues: true,
        })
        .then(() => 'done', String),
    (seen) => seen === 'done',
  );
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish] });
  const created = await tenant.scim('POST', '/Users', { userName: 'versioned' });
  assert.equal(created.status, 201, created.text);
  await settled(tenant, created);
  assert.equal((await sandbox.accounts('versioned')).length, 1);
  const id = resourceWorkflowId('User', asTenantId(tenant.id), asResourceId(String(created.body['id'])));
  const { raw } = await provost.temporal.workflow.getHandle(id).describe();
  const info = raw.workflowExecutionInfo?.versioningInfo;
  assert.deepEqual(
    [info?.deploymentVersion?.deploymentName, info?.deploymentVersion?.buildId],
    [DEPLOYMENT, BUILD],
    JSON.stringify(info),
  );
});
