import { type Config, ConfigurationError, loadConfig, unknownVariables } from './config.ts';
import { createLogger, type Logger } from './log.ts';
import { createMetrics, type Metrics } from './metrics.ts';

export interface ProcessSurroundings {
  readonly config: Config;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** Runs a process of ours by its environment. What is wrong with that is said in words, without a stack. */
export async function runProcess(
  service: 'api' | 'worker',
  run: (surroundings: ProcessSurroundings) => Promise<void>,
): Promise<void> {
  try {
    const config = loadConfig(process.env);
    const log = createLogger({ service, level: config.log.level });
    for (const variable of unknownVariables(process.env)) log.warn({ variable }, 'unknown variable; is it misspelt?');
    await run({ config, log, metrics: createMetrics(service) });
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
