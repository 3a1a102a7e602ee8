import type { SearchAttributes } from './search-attributes.ts';

export interface ServerSettings {
  readonly database: string;
  readonly ports: { readonly temporal: number; readonly temporalUi?: number };
  readonly searchAttributes: SearchAttributes;
  readonly uiCodecEndpoint?: string;
  readonly durable?: boolean;
}

/**
 * The development server's own defaults cost 50 ms a step. Its one history shard polls its queues at most 20 times a
 * second, and four task queue partitions leave tasks stranded when there are few pollers: 43 workflows/s with the
 * defaults and 133 to 157 with these, measured on 2 cores with the data in a file.
 */
const QUICK = {
  'matching.numTaskqueueReadPartitions': 1,
  'matching.numTaskqueueWritePartitions': 1,
  'history.transferProcessorMaxPollRPS': 1000,
  'history.timerProcessorMaxPollRPS': 200,
};

/** Workflow tasks of deactivations go before others, and tenants share what is left: decisions/012. */
const ORDERED = { 'matching.useNewMatcher': 'true', 'matching.enableFairness': 'true' };

/** Command line of `temporal` for a development server. Attributes that its database already has do no harm. */
export function serverArguments(settings: ServerSettings): string[] {
  const { database, ports, searchAttributes, uiCodecEndpoint, durable = true } = settings;
  // WAL hands every commit to the operating system, so a killed process loses nothing; NORMAL also syncs checkpoints.
  const pragmas = { journal_mode: 'WAL', synchronous: durable ? 'NORMAL' : 'OFF' };
  const ui =
    ports.temporalUi === undefined
      ? ['--headless']
      : ['--ui-port', `${ports.temporalUi}`, ...(uiCodecEndpoint ? ['--ui-codec-endpoint', uiCodecEndpoint] : [])];
  return [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', `${ports.temporal}`, '--db-filename', database],
    ...ui,
    ...['--log-level', 'warn'],
    ...repeated('--sqlite-pragma', pragmas),
    ...repeated('--dynamic-config-value', { ...QUICK, ...ORDERED }),
    ...repeated('--search-attribute', searchAttributes),
  ];
}

const repeated = (flag: string, values: Readonly<Record<string, string | number>>): string[] =>
  Object.entries(values).flatMap(([name, value]) => [flag, `${name}=${value}`]);
