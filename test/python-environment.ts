import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '../dev/services/cache-folder.ts';

export const run = promisify(execFile);

export interface PythonPackage {
  readonly name: string;
  readonly version: string;
  /** Module that must be there then. */
  readonly imports: string;
  /** What it needs besides and does not name itself, as pip takes it. */
  readonly besides?: readonly string[];
}

/** Python with a package, in an environment of its own that is made once. @returns why not, where there is none */
export async function pythonWith({
  name,
  version,
  imports,
  besides = [],
}: PythonPackage): Promise<{ readonly python: string } | { readonly missing: string }> {
  const folder = join(cacheFolder(), `${name}-${version}`);
  const python = join(folder, 'bin', 'python');
  const isReady = async (): Promise<boolean> =>
    existsSync(python) && (await run(python, ['-c', `import ${imports}`]).then(Boolean, () => false));
  if (await isReady()) return { python };
  try {
    await run('python3', ['-m', 'venv', folder], { timeout: 120_000 });
    await run(python, ['-m', 'pip', 'install', '--quiet', `${name}==${version}`, ...besides], { timeout: 300_000 });
  } catch (error) {
    return { missing: `${name} ${version} cannot be installed: ${String(error).slice(0, 300)}` };
  }
  return (await isReady()) ? { python } : { missing: `${name} was installed and cannot be imported` };
}
