import { makeTelemetryFilterString, NativeConnection, Runtime } from '@temporalio/worker';
import type { Logger } from './log.ts';
import { connectionBasics, type TemporalSettings } from './temporal.ts';
import { createTemporalLogger } from './temporal-logger.ts';
import { untilReady } from './until-ready.ts';

export interface RuntimeSettings {
  readonly log: Logger;
  /** Where the SDK's own metrics are served, as `host:port`. */
  readonly sdkMetricsAddress?: string;
}

/**
 * Makes Temporal's native runtime log through ours and leave the signals of the process to us. Once a process, before
 * the first connection.
 */
export function installTemporalRuntime({ log, sdkMetricsAddress }: RuntimeSettings): Runtime {
  return Runtime.install({
    logger: createTemporalLogger(log),
    shutdownSignals: [], // platform/shutdown.ts decides the order
    telemetryOptions: {
      logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }) },
      ...(sdkMetricsAddress === undefined ? {} : { metrics: { prometheus: { bindAddress: sdkMetricsAddress } } }),
    },
  });
}

/**
 * Connects a worker, waiting for Temporal to come up.
 *
 * @throws NotReadyError after the deadline of the settings
 */
export async function connectNative(settings: TemporalSettings, log?: Logger): Promise<NativeConnection> {
  const basics = await connectionBasics(settings);
  return untilReady(`Temporal at ${settings.address}`, () => NativeConnection.connect(basics), {
    deadlineMs: settings.connectDeadlineMs,
    ...(log ? { log } : {}),
  });
}
