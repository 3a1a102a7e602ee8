import type { Logger } from './log.ts';

/** A process that was asked to end. */
const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

export interface ShutdownOptions {
  readonly log: Logger;
  /** Milliseconds for everything together, after which the process ends anyway. Nothing is lost: Temporal has the work. */
  readonly graceMs: number;
}

/**
 * Stops in order when the process is asked to end. A second signal, or a stop that takes longer than the grace, ends it
 * at once.
 */
export function onShutdown(stop: () => Promise<void>, { log, graceMs }: ShutdownOptions): void {
  let isStopping = false;
  const begin = (signal: NodeJS.Signals): void => {
    if (isStopping) {
      log.warn({ signal }, 'asked again to end; ending at once');
      process.exit(1);
    }
    isStopping = true;
    log.info({ signal }, 'ending: finishing what is under way');
    // Connections of the SDK have deadlines of their own; a little longer lets them say so first.
    setTimeout(() => {
      log.warn({ graceMs }, 'did not end within the grace; ending at once');
      process.exit(1);
    }, graceMs + 5_000).unref();
    stop().then(
      () => {
        log.info('ended');
        process.exit(0);
      },
      (error: unknown) => {
        log.error({ err: error }, 'could not end in good order');
        process.exit(1);
      },
    );
  };
  for (const signal of SIGNALS) process.on(signal, begin);
}
