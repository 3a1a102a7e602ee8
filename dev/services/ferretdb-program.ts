import { createHash } from 'node:crypto';
import { readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findOnPath, isProgram } from './find-program.ts';
import type { OnProgress } from './progress.ts';
import { runCommand } from './run-command.ts';

const SOURCE = fileURLToPath(new URL('../ferretdb', import.meta.url));

/** Its folder in the cache is named for the source that it was built from, so a new version is built anew. */
function builtAt(cache: string): string {
  const source = createHash('sha256');
  for (const file of ['main.go', 'go.mod', 'go.sum']) source.update(readFileSync(join(SOURCE, file)));
  return join(cache, `ferretdb-${source.digest('hex').slice(0, 12)}`, 'ferretdb');
}

export function builtFerretdb(cache: string): string | undefined {
  const program = builtAt(cache);
  return isProgram(program) ? program : undefined;
}

/** @returns nothing where there is no Go */
export async function buildFerretdb(
  cache: string,
  onProgress: OnProgress,
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const go = findOnPath('go', env);
  if (!go) return undefined;
  onProgress("Building FerretDB, which speaks MongoDB's protocol (a minute or two, once)…");
  const program = builtAt(cache);
  const unfinished = `${dirname(program)}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  await runCommand(go, ['build', '-trimpath', '-o', join(unfinished, 'ferretdb'), '.'], { cwd: SOURCE, env });
  rmSync(dirname(program), { recursive: true, force: true });
  renameSync(unfinished, dirname(program)); // whole or not at all
  return program;
}
