import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { withBuildLock } from './build-lock.ts';
import { cacheFolder } from './cache-folder.ts';
import { findOnPath, isProgram } from './find-program.ts';
import { firstWay, type Way } from './first-way.ts';
import type { OnProgress } from './progress.ts';
import { runCommand } from './run-command.ts';
import { runScript } from './run-script.ts';

/** v1.9.1 cannot be installed by `go install` (its go.mod has a replace); this one can, with server 1.29.1. */
const CLI_VERSION = 'v1.5.1';
const CLI_MODULE = `github.com/temporalio/cli/cmd/temporal@${CLI_VERSION}`;
const DOWNLOAD_LIMIT_MS = 5 * 60_000;

const ADVICE =
  'Install the temporal CLI (https://docs.temporal.io/cli) or Go, or set TEMPORAL_ADDRESS to a server that runs.';

/** Finds the `temporal` program, or gets it once into the cache by the ways `toGet`. */
export async function temporalProgram(
  onProgress: OnProgress,
  env: NodeJS.ProcessEnv = process.env,
  toGet = waysToGetTemporal(onProgress, env),
): Promise<string> {
  const cache = cacheFolder(env);
  const cached = async () => [builtIn(cache), ...downloadedIn(cache)].find(isProgram);
  const ready: Way<string>[] = [
    { name: 'a temporal program on PATH', find: async () => findOnPath('temporal', env) },
    { name: 'a temporal program in the cache', find: cached },
  ];
  for (const way of ready) {
    const found = await way.find();
    if (found) return found;
  }
  return withBuildLock(join(cache, 'temporal'), 'the Temporal server', onProgress, () =>
    firstWay('The Temporal server', [...ready, ...toGet], ADVICE),
  );
}

export function waysToGetTemporal(onProgress: OnProgress, env: NodeJS.ProcessEnv): Way<string>[] {
  const cache = cacheFolder(env);
  return [
    { name: "the SDK's download", find: () => download(cache, onProgress) },
    { name: 'go install', find: () => goInstall(builtIn(cache), onProgress, env) },
  ];
}

const builtIn = (cache: string): string => join(cache, `temporal-${CLI_VERSION}`, 'temporal');
const downloadFolder = (cache: string): string => join(cache, 'temporal-sdk');

function downloadedIn(cache: string): string[] {
  const folder = downloadFolder(cache);
  return (existsSync(folder) ? readdirSync(folder) : [])
    .filter((name) => name.startsWith('temporal'))
    .map((name) => join(folder, name));
}

async function download(cache: string, onProgress: OnProgress): Promise<string | undefined> {
  onProgress('Looking for a Temporal server to download…');
  const folder = downloadFolder(cache);
  mkdirSync(folder, { recursive: true });
  await runScript('download-temporal.ts', [folder], DOWNLOAD_LIMIT_MS);
  return downloadedIn(cache).find(isProgram);
}

async function goInstall(target: string, onProgress: OnProgress, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const go = findOnPath('go', env);
  if (!go) return undefined;
  onProgress('Building the Temporal server (a few minutes, once)…');
  const unfinished = `${dirname(target)}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  await runCommand(go, ['install', CLI_MODULE], { env: { ...env, GOBIN: unfinished } });
  rmSync(dirname(target), { recursive: true, force: true });
  renameSync(unfinished, dirname(target)); // whole or not at all: a build that was killed is not found later
  return target;
}
