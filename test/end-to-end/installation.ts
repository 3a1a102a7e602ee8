import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Client, Connection } from '@temporalio/client';
import { openApi } from '../../api/open-api.ts';
import { type Config, loadConfig } from '../../platform/config.ts';
import { createDataConverter } from '../../platform/data-converter.ts';
import { createKeyRing } from '../../platform/key-ring.ts';
import { createLogger } from '../../platform/log.ts';
import { createMetrics } from '../../platform/metrics.ts';
import { installTemporalRuntime } from '../../platform/temporal-worker.ts';
import { connectMongo } from '../../stores/connect.ts';
import { openWorker } from '../../worker/open-worker.ts';
import type { RunningWorker } from '../../worker/start-worker.ts';
import { ownEnvironment } from './environment.ts';

export type TestInstallation = Awaited<ReturnType<typeof startInstallation>>;

export interface InstallationOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Lines that API and worker log, as they are written. */
  readonly onLog?: (line: string) => void;
}

// Once a process, before the first connection: what the SDK itself logs is of no interest here.
installTemporalRuntime({ log: createLogger({ service: 'test', level: 'silent' }) });

/** API and worker, as in production but in this process. */
export async function startInstallation({ env = {}, onLog }: InstallationOptions = {}) {
  const config = loadConfig(ownEnvironment(env));
  const destination = { write: (line: string) => onLog?.(line) };
  const loggerOf = (service: string) =>
    createLogger({ service, level: onLog === undefined ? 'silent' : 'trace', destination });
  const startWorker = (): Promise<RunningWorker> =>
    openWorker(config, { log: loggerOf('worker'), metrics: createMetrics('worker') });
  const startApi = async (port: number) => {
    const api = await openApi(config, { log: loggerOf('api'), metrics: createMetrics('api') });
    const server = api.app.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return {
      port: (server.address() as AddressInfo).port,
      /** Whoever waits for an answer gets none. */
      async stop() {
        server.closeAllConnections();
        await new Promise((closed) => server.close(closed));
        await api.close();
      },
    };
  };
  let api = await startApi(config.api.port);
  const { port } = api;
  const url = `http://127.0.0.1:${port}`;
  let worker: RunningWorker | undefined = await startWorker();
  const [mongo, connection] = await Promise.all([
    connectMongo(config.mongo),
    Connection.connect({ address: config.temporal.address }),
  ]);
  const keys = createKeyRing(config.encryption.keys);
  const temporal = new Client({
    connection,
    dataConverter: createDataConverter(keys, { accept: config.temporal.acceptedPayloads }),
  });

  return {
    url,
    config: config as Config,
    mongo,
    temporal,
    /** Reads histories as they are stored: nothing is decrypted. */
    rawTemporal: new Client({ connection }),
    async stopWorker() {
      await worker?.stop();
      worker = undefined;
    },
    async startWorker() {
      worker = await startWorker();
    },
    /** Everybody's connections break; the same address answers again afterwards. */
    async restartApi() {
      await api.stop();
      api = await startApi(port);
    },
    async stop() {
      await api.stop();
      await worker?.stop();
      await connection.close();
      await mongo.dropDatabase();
      await mongo.close();
    },
  };
}
