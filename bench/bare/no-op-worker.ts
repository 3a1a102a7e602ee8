/** Process: a worker with the SDK's own settings and one trivial workflow. */
import { fileURLToPath } from 'node:url';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { readySignal, settingsOf } from '../process/child-side.ts';

const { address, taskQueue } = settingsOf<{ address: string; taskQueue: string }>();
Runtime.install({ shutdownSignals: [], logger: new DefaultLogger('ERROR') });
const connection = await NativeConnection.connect({ address });
const worker = await Worker.create({
  connection,
  taskQueue,
  workflowsPath: fileURLToPath(new URL('./no-op-workflow.ts', import.meta.url)),
});
const ended = worker.run();
readySignal({}, () => worker.shutdown());
await ended;
await connection.close();
