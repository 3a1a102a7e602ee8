import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { startChild } from './child.ts';
import { ownService, type Running } from './owned-service.ts';
import { claimPort } from './ports.ts';
import { endRecorded } from './process-record.ts';
import type { OnProgress } from './progress.ts';
import { addMissingSearchAttributes, type SearchAttributes } from './search-attributes.ts';
import { foreignService, type ServiceHandle } from './service-handle.ts';
import { serverArguments } from './temporal-arguments.ts';
import { temporalProgram } from './temporal-program.ts';
import { untilReady } from './until-ready.ts';

export interface TemporalOptions {
  readonly dataDir: string;
  /** Without `temporalUi` there is no web interface. 0 picks a free port. */
  readonly ports: { readonly temporal: number; readonly temporalUi?: number };
  readonly searchAttributes: SearchAttributes;
  /** Where the web interface sends payloads to have them decrypted. */
  readonly uiCodecEndpoint?: string;
  /** Default true. False trades surviving a power cut for speed; a killed process loses nothing either way. */
  readonly durable?: boolean;
  readonly onProgress: OnProgress;
  readonly env?: NodeJS.ProcessEnv;
}

export interface TemporalService extends ServiceHandle {
  readonly address: string;
  readonly ui?: string;
}

const NAME = 'The Temporal server';

/** The server that `TEMPORAL_ADDRESS` names, or else a development server of our own with its data in a file. */
export async function startTemporal(options: TemporalOptions): Promise<TemporalService> {
  const { dataDir, onProgress, env = process.env } = options;
  const given = env['TEMPORAL_ADDRESS'];
  if (given) return { address: given, ...foreignService(NAME, 'TEMPORAL_ADDRESS') };

  const program = await temporalProgram(onProgress, env);
  let ports: Ports | undefined;
  const handle = await ownService({
    dataDir,
    name: 'temporal',
    onProgress,
    async start(folder) {
      // Its database holds whatever payloads hold, and is made readable by everybody.
      chmodSync(folder, 0o700);
      const recordFile = join(folder, 'process.json');
      if (await endRecorded(recordFile, 'SIGTERM')) onProgress(`${NAME} of a start that was killed has been ended.`);
      ports = await claimPorts(ports ?? options.ports);
      return run(program, folder, recordFile, ports, options);
    },
  });
  const { temporal, temporalUi } = ports ?? options.ports;
  return {
    address: addressOf(temporal),
    ...(temporalUi === undefined ? {} : { ui: `http://${addressOf(temporalUi)}` }),
    ...handle,
  };
}

type Ports = TemporalOptions['ports'];
const addressOf = (port: number): string => `127.0.0.1:${port}`;

async function claimPorts({ temporal, temporalUi }: Ports): Promise<Ports> {
  const server = { port: temporal, wantedBy: 'the Temporal server', variable: 'PROVOST_TEMPORAL_PORT' };
  if (temporalUi === undefined) return { temporal: await claimPort(server) };
  const ui = { port: temporalUi, wantedBy: 'the Temporal web interface', variable: 'PROVOST_TEMPORAL_UI_PORT' };
  return { temporal: await claimPort(server), temporalUi: await claimPort(ui) };
}

async function run(
  program: string,
  folder: string,
  recordFile: string,
  ports: Ports,
  options: TemporalOptions,
): Promise<Running> {
  const { env, onProgress } = options;
  const child = await startChild({
    name: NAME,
    program,
    args: serverArguments({ ...options, ports, database: join(folder, 'temporal.db') }),
    cwd: folder,
    ...(env ? { env } : {}),
    logFile: join(folder, 'server.log'),
    recordFile,
    stopSignal: 'SIGTERM',
  });
  try {
    await untilReady(NAME, child, () => serves(addressOf(ports.temporal)));
    await addMissingSearchAttributes(addressOf(ports.temporal), options.searchAttributes);
  } catch (error) {
    await child.kill();
    throw error;
  }
  child.onUnexpectedEnd(onProgress);
  return child;
}

/** Whether the server serves its namespace, which is when workers and clients can use it. */
async function serves(address: string): Promise<boolean> {
  const connection = await Connection.connect({ address, connectTimeout: 1000 });
  try {
    await connection.workflowService.describeNamespace({ namespace: 'default' });
    return true;
  } finally {
    await connection.close();
  }
}
