import { fileURLToPath } from 'node:url';
import { pythonWith, run } from '../../python-environment.ts';

const SCRIPT = fileURLToPath(new URL('./drive_with_zeep.py', import.meta.url));

/** Python with zeep, or why there is none. */
export const pythonWithZeep = () => pythonWith({ name: 'zeep', version: '4.3.3', imports: 'zeep' });

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
