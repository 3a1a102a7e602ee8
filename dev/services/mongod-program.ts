import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isProgram } from './find-program.ts';
import type { OnProgress } from './progress.ts';
import { runCommand } from './run-command.ts';

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
  const script = fileURLToPath(new URL('download-mongod.ts', import.meta.url));
  const env = { ...process.env, MONGOMS_MAX_RETRIES: '0' };
  await runCommand(process.execPath, [script, downloads(cache)], { env, timeout: DOWNLOAD_LIMIT_MS });
  return downloadedMongod(cache);
}
