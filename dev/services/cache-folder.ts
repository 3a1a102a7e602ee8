import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Where programs that were built or downloaded once are kept, outside the checkout so that a new clone finds them:
 * `PROVOST_CACHE`, else `$XDG_CACHE_HOME/provost`, else `~/.cache/provost`.
 */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  const folder = env['PROVOST_CACHE'] || join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'provost');
  mkdirSync(folder, { recursive: true });
  return folder;
}
