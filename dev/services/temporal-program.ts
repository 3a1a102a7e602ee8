import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withBuildLock } from './build-lock.ts';
import { cacheFolder } from './cache-folder.ts';
import { findOnPath, isProgram } from './find-program.ts';
import { firstWay, type Way } from './first-way.ts';
import type { OnProgress } from './progress.ts';
import { runCommand } from './run-command.ts';

/** v1.9.1 cannot be installed by `go install` (its go.mod has a replace); this one can, with server 1.29.1. */
const CLI_VERSION = 'v1.5.1';
const CLI_MODULE = `github.com/temporalio/cli/cmd/temporal@${CLI_VERSION}`;
const DOWNLOAD_LIMIT_MS = 5 * 60_000;

const ADVICE =
  'Install the temporal CLI (https://docs.temporal.io/cli) or Go, or set TEMPORAL_ADDRESS to a server that runs.';

/** Finds the `temporal` program, or gets it once into the cache. */
export async function temporalProgram(onProgress: OnProgress, env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const cache = cacheFolder(env);
  const downloaded = join(cache, 'temporal-sdk');
  const built = join(cache, `temporal-${CLI_VERSION}`, 'temporal');
  const cached = async () => [built, ...downloadedIn(downloaded)].find(isProgram);
  const ready: Way<string>[] = [
    { name: 'a temporal program on PATH', find: async () => findOnPath('temporal', env) },
    { name: 'a temporal program in the cache', find: cached },
  ];
  const toGet: Way<string>[] = [
    { name: "the SDK's download", find: () => download(downloaded, onProgress) },
    { name: 'go install', find: () => goInstall(built, onProgress, env) },
  ];
  for (const way of ready) {
    const found = await way.find();
    if (found) return found;
  }
  return withBuildLock(join(cache, 'temporal'), 'the Temporal server', onProgress, () =>
    firstWay('The Temporal server', [...ready, ...toGet], ADVICE),
  );
}

const downloadedIn = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.startsWith('temporal'))
        .map((name) => join(folder, name))
    : [];

async function download(folder: string, onProgress: OnProgress): Promise<string | undefined> {
  onProgress('Looking for a Temporal server to download…');
  mkdirSync(folder, { recursive: true });
  const script = fileURLToPath(new URL('download-temporal.ts', import.meta.url));
  await runCommand(process.execPath, [script, folder], { timeout: DOWNLOAD_LIMIT_MS }).catch((error: unknown) => {
    throw new Error(/client error|dns error|timed out|status/i.exec(String(error))?.[0] ?? String(error));
  });
  return downloadedIn(folder).find(isProgram);
}

async function goInstall(target: string, onProgress: OnProgress, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const go = findOnPath('go', env);
  if (!go) return undefined;
  onProgress('Building the Temporal server (2 to 4 minutes, once)…');
  const unfinished = `${dirname(target)}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  await runCommand(go, ['install', CLI_MODULE], { env: { ...env, GOBIN: unfinished } });
  rmSync(dirname(target), { recursive: true, force: true });
  renameSync(unfinished, dirname(target)); // whole or not at all: a build that was killed is not found later
  return target;
}
