/**
 * Has the Temporal SDK download its server into the folder given as the only argument. See run-script.ts; besides, the
 * SDK's runtime is one per process, and in the process that starts the services it belongs to the worker.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Runtime } from '@temporalio/worker';
import { z } from 'zod';
import { messageOf } from './progress.ts';

const [downloadDir = '.'] = process.argv.slice(2);
const manifest = createRequire(import.meta.url).resolve('@temporalio/worker/package.json');
const { version } = z.object({ version: z.string() }).parse(JSON.parse(readFileSync(manifest, 'utf8')));
const runtime = Runtime.instance();
try {
  // The SDK downloads only to start a server; the one it starts here is ended at once.
  const server = await runtime.createEphemeralServer({
    type: 'dev-server',
    exe: {
      type: 'cached-download',
      downloadDir,
      version: 'default',
      ttl: 0,
      sdkName: 'sdk-typescript',
      sdkVersion: version,
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
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}
await runtime.shutdown();
