import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { Client, Connection } from '@temporalio/client';
import { isEndedByServer } from '../../worker/ended-by-server.ts';

test('a workflow that a person terminated was not ended by the server; one that the server says it terminated was', async (context) => {
  const connection = await Connection.connect({ address: process.env['TEMPORAL_ADDRESS'] ?? '127.0.0.1:7233' });
  context.after(() => connection.close());
  const temporal = new Client({ connection });
  const terminatedBy = async (identity: string): Promise<boolean> => {
    const workflowId = `ended-${randomUUID()}`;
    await temporal.workflow.start('nothing', { workflowId, taskQueue: `nobody-${randomUUID()}` });
    await temporal.workflowService.terminateWorkflowExecution({
      namespace: temporal.options.namespace,
      workflowExecution: { workflowId },
      reason: 'Workflow history count exceeds limit.',
      identity,
    });
    return isEndedByServer(temporal, workflowId);
  };
  assert.equal(await terminatedBy('operator@example.com'), false);
  // As Temporal 1.29 writes it in the event, where a history exceeds its limit.
  assert.equal(await terminatedBy('history-service'), true);
});
