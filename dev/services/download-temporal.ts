/**
 * Lets the Temporal SDK download its server into the folder given as the only argument. A program of its own, because
 * the SDK's runtime is one per process and belongs to the worker, and because a download that hangs can then be ended.
 */
import { Runtime } from '@temporalio/worker';

const [folder = '.'] = process.argv.slice(2);
const runtime = Runtime.instance();
const server = await runtime.createEphemeralServer({
  type: 'dev-server',
  exe: {
    type: 'cached-download',
    downloadDir: folder,
    version: 'default',
    ttl: 0,
    sdkName: 'sdk-typescript',
    sdkVersion: '1.24.0',
  },
  namespace: 'default',
  ip: '127.0.0.1',
  port: null,
  uiPort: null,
  dbFilename: null,
  ui: false,
  log: { format: 'pretty', level: 'error' },
  extraArgs: [],
});
await runtime.shutdownEphemeralServer(server);
