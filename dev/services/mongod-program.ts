import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isProgram } from './find-program.ts';
import type { OnProgress } from './progress.ts';
import { runScript } from './run-script.ts';

const DOWNLOAD_LIMIT_MS = 10 * 60_000;

const downloads = (cache: string): string => join(cache, 'mongod');

export function downloadedMongod(cache: string): string | undefined {
  const folder = downloads(cache);
  return (existsSync(folder) ? readdirSync(folder) : [])
    .filter((name) => name.startsWith('mongod'))
    .map((name) => join(folder, name))
    .find(isProgram);
}

export async function downloadMongod(cache: string, onProgress: OnProgress): Promise<string | undefined> {
  onProgress('Looking for a MongoDB server to download…');
  await runScript('download-mongod.ts', [downloads(cache)], DOWNLOAD_LIMIT_MS);
  return downloadedMongod(cache);
}
