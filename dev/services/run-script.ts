import { fileURLToPath } from 'node:url';
import { CommandError, runCommand } from './run-command.ts';

/**
 * Runs one of the programs of this folder in a process of its own, which can be ended when it takes too long.
 *
 * @throws Error with what the program printed, without the command line, which says nothing to a person
 */
export async function runScript(file: string, args: readonly string[], timeout: number): Promise<void> {
  const script = fileURLToPath(new URL(file, import.meta.url));
  await runCommand(process.execPath, [script, ...args], { timeout }).catch((error: unknown) => {
    throw error instanceof CommandError && error.output ? new Error(error.output) : error;
  });
}
