import { type SpawnOptions, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServices } from '../dev/services/start-services.ts';
import { bundleWorkflows } from '../worker/bundle-workflows.ts';
import { SEARCH_ATTRIBUTE_TYPES } from '../workflows/search-attributes.ts';

/**
 * `npm test`: types and style, then every test against one real Temporal and one real MongoDB-wire server.
 * `npm test -- FILE…` runs only those files, without the checks before.
 */
const files = process.argv.slice(2);
const folder = await mkdtemp(join(tmpdir(), 'provost-test-'));
const countFile = join(folder, 'count.txt');
let closingLine = 'no test ran';
let failed = false;

if (files.length === 0) {
  failed = (await run('tsc', ['--noEmit'])) !== 0 || failed;
  failed = (await run('biome', ['check', '--error-on-warnings'])) !== 0 || failed;
}

const services = await startServices({
  dataDir: folder,
  ports: { temporal: 0, temporalUi: 0, mongodb: 0 },
  searchAttributes: SEARCH_ATTRIBUTE_TYPES,
  durable: false,
  onProgress: (message) => console.log(message),
});
try {
  const bundle = join(folder, 'workflows.js');
  await writeFile(bundle, (await bundleWorkflows()).code);
  const code = await run(
    'node',
    [
      '--test',
      `--test-concurrency=${availableParallelism()}`,
      // Of a whole file: the longest is a simulation of many minutes.
      '--test-timeout=2400000',
      '--test-reporter=spec',
      '--test-reporter-destination=stdout',
      `--test-reporter=${join(import.meta.dirname, 'count-reporter.ts')}`,
      `--test-reporter-destination=${countFile}`,
      ...(files.length > 0 ? files : ['test/**/*.test.ts']),
    ],
    {
      env: {
        ...process.env,
        TEMPORAL_ADDRESS: services.temporalAddress,
        MONGODB_URI: services.mongodbUri,
        PROVOST_WORKFLOW_BUNDLE: bundle,
      },
    },
  );
  failed = code !== 0 || failed;
  closingLine = (await readFile(countFile, 'utf8')).trim();
} finally {
  await services.stop();
  await rm(folder, { recursive: true, force: true });
}
if (failed) console.log('Something failed: see above.');
console.log(closingLine);
process.exitCode = failed ? 1 : 0;

/** Runs a program of node_modules/.bin, or node itself, showing what it prints. @returns its exit code */
function run(program: string, parameters: readonly string[], options: SpawnOptions = {}): Promise<number> {
  const path = program === 'node' ? process.execPath : join(import.meta.dirname, '..', 'node_modules', '.bin', program);
  return new Promise((resolve, reject) => {
    const child = spawn(path, parameters, { stdio: 'inherit', ...options });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
