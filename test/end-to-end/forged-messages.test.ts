import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { asResourceId, asTenantId, resourceWorkflowId } from '../../domain/ids.ts';
import { moveApprovalUpdate, RESOURCE_WORKFLOW, submitChangeSignal } from '../../workflows/messages.ts';
import { approvers, ask, asked, decide, newPerson, titles } from './approvers.ts';
import { startInstallation, type TestInstallation } from './installation.ts';
import { newTenant, replacing, settled } from './tenant.ts';

let provost: TestInstallation;
const lines: string[] = [];

before(async () => {
  provost = await startInstallation({ onLog: (line) => lines.push(line) });
});
after(() => provost.stop());

/** A user whose title waits for the approval of another one. */
async function undecided() {
  const tenant = await newTenant(provost.url);
  const [boss, subject] = [
    await newPerson(provost.url, tenant, 'boss'),
    await newPerson(provost.url, tenant, 'subject'),
  ];
  await ask(tenant, ...titles([{ approvers: approvers(boss) }]));
  const changed = await tenant.scim('PATCH', `/Users/${subject.id}`, replacing('title', 'King'));
  assert.equal(changed.status, 202, changed.text);
  const workflowId = resourceWorkflowId('User', asTenantId(tenant.id), asResourceId(subject.id));
  return { tenant, boss, subject, changed, workflowId };
}

test('a decision that somebody sends to Temporal without the keys decides nothing, and the real one still does', async () => {
  const { tenant, boss, subject, changed, workflowId } = await undecided();
  const forged = { change: asked(changed), order: { kind: 'approve' }, by: boss.id, at: new Date().toISOString() };
  const handle = provost.rawTemporal.workflow.getHandle(workflowId);
  // Its refusal is encrypted as well, which this client cannot read.
  await assert.rejects(handle.executeUpdate(moveApprovalUpdate, { args: [forged as never] }), /binary\/encrypted/);
  assert.equal((await tenant.admin('GET', `/approvals/${asked(changed)}`)).body['state'], 'waiting');
  assert.ok(lines.some((line) => line.includes('not-encrypted') && line.includes(workflowId)));

  await handle.signal(submitChangeSignal, { id: 'forged' } as never);
  assert.equal((await decide(boss, asked(changed), 'approve')).body['state'], 'granted');
  await settled(tenant, changed);
  assert.equal((await tenant.scim('GET', `/Users/${subject.id}`)).body['title'], 'King');
});

test('a message that was encrypted for another workflow is refused', async () => {
  const { tenant, boss, changed, workflowId } = await undecided();
  const move = { change: asked(changed), order: { kind: 'approve' }, by: boss.id, at: new Date().toISOString() };
  const [codec] = provost.temporal.options.loadedDataConverter.payloadCodecs;
  const { payloadConverter } = provost.temporal.options.loadedDataConverter;
  const payloads = await codec?.encode([payloadConverter.toPayload(move)], {
    ...{ type: 'workflow', namespace: 'default' },
    workflowId: 'user/elsewhere/somebody',
  });
  const { connection, options } = provost.rawTemporal;
  const answer = await connection.workflowService.updateWorkflowExecution({
    namespace: options.namespace,
    workflowExecution: { workflowId },
    waitPolicy: { lifecycleStage: 3 },
    request: {
      meta: { updateId: randomUUID(), identity: 'somebody' },
      input: { name: moveApprovalUpdate.name, args: { payloads: payloads ?? [] } },
    },
  });
  assert.equal(answer.outcome?.success ?? null, null);
  assert.ok(answer.outcome?.failure);
  assert.ok(lines.some((line) => line.includes('of-another-workflow') && line.includes(workflowId)));
  assert.equal((await tenant.admin('GET', `/approvals/${asked(changed)}`)).body['state'], 'waiting');
});

test('a run that somebody starts without the keys writes nothing, ends at once, and is in nobody’s way', async () => {
  const tenant = await newTenant(provost.url);
  const person = await newPerson(provost.url, tenant, 'victim');
  await settled(tenant, await tenant.scim('PATCH', `/Users/${person.id}`, replacing('title', 'Clerk')));
  const workflowId = resourceWorkflowId('User', asTenantId(tenant.id), asResourceId(person.id));
  const changes = (): Promise<number> => provost.mongo.collection('changes').countDocuments({ tenant: tenant.id });
  const before = await changes();

  const forged = { id: randomUUID(), tenant: tenant.id, resourceType: 'User', resourceId: person.id, policyVersion: 1 };
  const handle = await provost.rawTemporal.workflow.signalWithStart(RESOURCE_WORKFLOW, {
    ...{ workflowId, taskQueue: provost.config.temporal.taskQueue },
    args: [{ tenant: tenant.id, resourceType: 'User', resourceId: person.id, settings: {} } as never],
    signal: submitChangeSignal,
    signalArgs: [forged as never],
  });
  await assert.rejects(handle.result());
  assert.equal((await handle.describe()).status.name, 'FAILED');
  assert.equal(await changes(), before);
  const patched = await tenant.scim('PATCH', `/Users/${person.id}`, replacing('title', 'Head'));
  assert.equal(patched.status, 200, patched.text);
  await settled(tenant, patched);
});
