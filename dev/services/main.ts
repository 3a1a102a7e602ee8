/**
 * Starts the services alone, in the foreground, for running the API and the worker by hand. Ctrl-C stops them.
 *
 * `PROVOST_DATA` (`.provost`), `PROVOST_TEMPORAL_PORT` (7233), `PROVOST_TEMPORAL_UI_PORT` (8233) and
 * `PROVOST_MONGODB_PORT` (27017) say where.
 */
import { CannotStartError } from './progress.ts';
import { startServices } from './start-services.ts';

const started = Date.now();
const say = (message: string): void => console.log(message);
const port = (name: string, usual: number): number => Number(process.env[name] ?? usual);
let stop = async (): Promise<void> => undefined; // while they start: leaving is enough, they end with this process
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, async () => {
    say('Stopping…');
    await stop();
    process.exit(0);
  });
}

try {
  const services = await startServices({
    dataDir: process.env['PROVOST_DATA'] ?? '.provost',
    ports: {
      temporal: port('PROVOST_TEMPORAL_PORT', 7233),
      temporalUi: port('PROVOST_TEMPORAL_UI_PORT', 8233),
      mongodb: port('PROVOST_MONGODB_PORT', 27017),
    },
    searchAttributes: {
      ProvostTenant: 'Keyword',
      ProvostResource: 'Keyword',
      ProvostOperation: 'Keyword',
      ProvostState: 'Keyword',
      ProvostSource: 'Keyword',
      ProvostTargets: 'KeywordList',
      ProvostWaitsFor: 'Keyword',
      ProvostChange: 'Keyword',
    },
    onProgress: say,
  });
  say(`Ready after ${((Date.now() - started) / 1000).toFixed(1)} s. Ctrl-C stops.`);
  say(`  TEMPORAL_ADDRESS=${services.temporalAddress}`);
  say(`  MONGODB_URI=${services.mongodbUri}`);
  if (services.temporalUi) say(`  Temporal's web interface: ${services.temporalUi}`);
  stop = services.stop;
} catch (error) {
  if (!(error instanceof CannotStartError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
