import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cacheFolder } from '../../../dev/services/cache-folder.ts';

const run = promisify(execFile);
const VERSION = '4.3.3';
const SCRIPT = fileURLToPath(new URL('./drive_with_zeep.py', import.meta.url));

/** Python with zeep in an environment of its own, made once. @returns why not, where there is none */
export async function pythonWithZeep(): Promise<{ readonly python: string } | { readonly missing: string }> {
  const folder = join(cacheFolder(), `zeep-${VERSION}`);
  const python = join(folder, 'bin', 'python');
  const isReady = async (): Promise<boolean> =>
    existsSync(python) && (await run(python, ['-c', 'import zeep']).then(Boolean, () => false));
  if (await isReady()) return { python };
  try {
    await run('python3', ['-m', 'venv', folder], { timeout: 120_000 });
    await run(python, ['-m', 'pip', 'install', '--quiet', `zeep==${VERSION}`], { timeout: 300_000 });
  } catch (error) {
    return { missing: `zeep ${VERSION} cannot be installed: ${String(error).slice(0, 300)}` };
  }
  return (await isReady()) ? { python } : { missing: 'zeep was installed and cannot be imported' };
}

/** @returns the operations that were called and did what they should */
export async function driveWithZeep(
  python: string,
  wsdl: string,
  version: '11' | '12',
  credential: { readonly id: string; readonly secret: string },
): Promise<readonly string[]> {
  const { stdout } = await run(python, [SCRIPT, wsdl, version, credential.id, credential.secret], { timeout: 180_000 });
  return JSON.parse(stdout) as string[];
}
