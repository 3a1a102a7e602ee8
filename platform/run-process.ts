import { type Config, ConfigurationError, loadConfig, unknownVariables } from './config.ts';
import { createLogger, type Logger } from './log.ts';
import { createMetrics, type Metrics } from './metrics.ts';

export interface ProcessSurroundings {
  readonly config: Config;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/**
 * Runs a process of ours by its environment. What an operator has to do first is said in words, without a stack.
 *
 * @param refusals errors whose message tells the operator what to do, beside what is wrong with the configuration
 */
export async function runProcess(
  service: 'api' | 'worker',
  run: (surroundings: ProcessSurroundings) => Promise<void>,
  refusals: readonly (abstract new (...given: never[]) => Error)[] = [],
): Promise<void> {
  try {
    const config = loadConfig(process.env);
    const log = createLogger({ service, level: config.log.level });
    for (const variable of unknownVariables(process.env)) log.warn({ variable }, 'unknown variable; is it misspelt?');
    await run({ config, log, metrics: createMetrics(service) });
  } catch (error) {
    const said = [ConfigurationError, ...refusals].find((refusal) => error instanceof refusal);
    if (said === undefined) throw error;
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
