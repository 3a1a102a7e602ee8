import { spawn } from 'node:child_process';

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
  /** Milliseconds after which the command is ended and counts as failed. Default: no limit. */
  readonly timeout?: number;
}

/** How much of a failed command's output its error repeats. */
const SHOWN_LINES = 15;

export class CommandError extends Error {
  override readonly name = 'CommandError';
  /** The end of what it printed. */
  readonly output: string;

  constructor(command: string, ended: string, output: string) {
    super(`${command} failed (${ended})${output ? `:\n${output}` : ''}`);
    this.output = output;
  }
}

/**
 * Runs a program to its end and gives what it printed on standard output.
 *
 * @throws {@link CommandError} with the command and the end of its output when it does not exit with 0
 */
export async function runCommand(
  program: string,
  args: readonly string[],
  { cwd, env, input = '', timeout }: CommandOptions = {},
): Promise<string> {
  const child = spawn(program, args, { cwd, env, timeout, stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  let both = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    both += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    both += text;
  });
  const endWithParent = () => child.kill();
  process.once('exit', endWithParent);
  child.stdin.on('error', () => undefined); // a program that does not read its input is no failure
  child.stdin.end(input);
  const ended = await new Promise<string | undefined>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(code === 0 ? undefined : (signal ?? `exit code ${code}`)));
  });
  process.off('exit', endWithParent);
  if (ended === undefined) return output;
  const tail = both.trimEnd().split('\n').slice(-SHOWN_LINES).join('\n');
  throw new CommandError([program, ...args].join(' '), ended, tail);
}
