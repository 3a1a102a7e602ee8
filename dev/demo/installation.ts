import { join } from 'node:path';
import { SEARCH_ATTRIBUTE_TYPES } from '../../workflows/search-attributes.ts';
import { startSandboxTarget } from '../sandbox-target.ts';
import { claimPort } from '../services/ports.ts';
import type { OnProgress } from '../services/progress.ts';
import { runCommand } from '../services/run-command.ts';
import { startServices } from '../services/start-services.ts';
import { type Facts, factsSchema } from './facts.ts';
import { installationSecrets } from './installation-secrets.ts';
import { startPart } from './part.ts';
import { portsFrom } from './ports.ts';
import { readPrivately, writePrivately } from './private-file.ts';
import { seedDemo } from './seed-demo.ts';

export interface Installation {
  readonly facts: Facts;
  readonly dataDir: string;
  /** Whether credentials were made just now, so that somebody has to be told. */
  readonly isNew: boolean;
  onUnexpectedEnd(tell: (message: string) => void): void;
  /** Ends everything in good order: first what takes requests, last what keeps data. */
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';
const ADMIN = 'platform-admin';

/** Starts everything that a person needs to see Provost work. @throws CannotStartError with what to do */
export async function startInstallation(env: NodeJS.ProcessEnv, say: OnProgress): Promise<Installation> {
  const dataDir = env['PROVOST_DATA'] || '.provost';
  const wanted = portsFrom(env);
  const ports = {
    ...wanted,
    api: await claimPort({ port: wanted.api, wantedBy: 'the API', variable: 'PROVOST_API_PORT' }),
    apiMetrics: await claimPort({
      port: wanted.apiMetrics,
      wantedBy: 'metrics of the API',
      variable: 'PROVOST_API_METRICS_PORT',
    }),
    worker: await claimPort({ port: wanted.worker, wantedBy: 'the worker', variable: 'PROVOST_WORKER_METRICS_PORT' }),
    sandbox: await claimPort({
      port: wanted.sandbox,
      wantedBy: 'the sandbox target',
      variable: 'PROVOST_SANDBOX_PORT',
    }),
  };
  const secrets = installationSecrets(join(dataDir, 'secrets.json'));
  const api = `http://${HOST}:${ports.api}`;
  const undo: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of undo.splice(0).reverse()) await end();
  };

  try {
    say('Starting Temporal and MongoDB…');
    const services = await startServices({
      dataDir,
      ports,
      searchAttributes: SEARCH_ATTRIBUTE_TYPES,
      uiCodecEndpoint: `${api}/codec/${secrets.codecToken}`,
      onProgress: say,
      env,
    });
    undo.push(services.stop);

    say('Starting the sandbox target…');
    const sandbox = await startSandboxTarget({
      host: HOST,
      port: ports.sandbox,
      token: secrets.sandboxToken,
      dataFile: join(dataDir, 'sandbox.jsonl'),
    });
    undo.push(sandbox.stop);

    const temporalUi = services.temporalUi ?? '';
    const common = {
      TEMPORAL_ADDRESS: services.temporalAddress,
      MONGODB_URI: databaseIn(services.mongodbUri),
      PROVOST_ENCRYPTION_KEYS: secrets.encryptionKey,
      PROVOST_OUTBOUND_ALLOW: env['PROVOST_OUTBOUND_ALLOW'] || '127.0.0.0/8,::1/128',
    };
    await runCommand(process.execPath, [join(import.meta.dirname, '..', '..', 'worker', 'migrate.ts')], {
      env: { ...process.env, ...common },
    });
    say('Starting the worker and the API…');
    const parts = await Promise.all([
      startPart({
        name: 'The worker',
        script: 'worker/main.ts',
        dataDir,
        env: { ...common, PROVOST_WORKER_METRICS_PORT: String(ports.worker) },
        readyUrl: `http://${HOST}:${ports.worker}/readyz`,
      }),
      startPart({
        name: 'The API',
        script: 'api/main.ts',
        dataDir,
        env: {
          ...common,
          PROVOST_API_PORT: String(ports.api),
          PROVOST_API_METRICS_PORT: String(ports.apiMetrics),
          PROVOST_CODEC_TOKEN: secrets.codecToken,
          PROVOST_BOOTSTRAP_ADMIN: `${ADMIN}:${secrets.adminPassword}`,
          ...(temporalUi === ''
            ? {}
            : { PROVOST_UI_ORIGINS: `${temporalUi},${temporalUi.replace(HOST, 'localhost')}` }),
        },
        readyUrl: `${api}/readyz`,
      }),
    ]);
    undo.push(async () => {
      await Promise.all(parts.map((part) => part.stop()));
    });

    const factsFile = join(dataDir, 'dev.json');
    const before = readPrivately(factsFile, factsSchema.partial());
    const admin = { username: ADMIN, password: secrets.adminPassword };
    const { isNew, ...demo } = await seedDemo({
      api,
      admin,
      known: {
        [before?.basic?.username ?? '']: before?.basic?.password,
        [before?.oauth?.clientId ?? '']: before?.oauth?.clientSecret,
      },
      sandbox: { url: sandbox.url, token: secrets.sandboxToken },
    });
    const facts: Facts = {
      api,
      scim2: `${api}/scim/v2`,
      console: `${api}/`,
      temporalUi,
      temporalAddress: services.temporalAddress,
      mongodbUri: databaseIn(services.mongodbUri),
      ...demo,
      sandboxTarget: sandbox.pageUrl,
      platformAdmin: admin,
    };
    writePrivately(factsFile, `${JSON.stringify(facts, null, 2)}\n`);
    writePrivately(join(dataDir, 'curl'), `user = "${demo.basic.username}:${demo.basic.password}"\n`);
    return {
      facts,
      dataDir,
      isNew,
      onUnexpectedEnd: (tell) => {
        for (const part of parts) part.onUnexpectedEnd(tell);
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A database of our own on a server that was named without one. */
function databaseIn(uri: string): string {
  const url = new URL(uri);
  if (url.pathname === '' || url.pathname === '/') url.pathname = '/provost';
  return url.href;
}
