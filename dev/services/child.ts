import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fchmodSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { findOnPath } from './find-program.ts';
import { forgetProcess, recordProcess } from './process-record.ts';
import { CannotStartError } from './progress.ts';

export interface ChildProgram {
  /** As a person would say it: "the Temporal server". */
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly logFile: string;
  /** Where its process id is kept, so that the next start finds it if this process is killed. */
  readonly recordFile: string;
  /** What asks it to end in good order. */
  readonly stopSignal: NodeJS.Signals;
}

export interface Child {
  readonly pid: number;
  readonly running: () => boolean;
  /** The end of its log, for messages. */
  readonly lastWords: () => string;
  /** Calls `tell` when it ends and neither `stop` nor `kill` was called. */
  readonly onUnexpectedEnd: (tell: (message: string) => void) => void;
  /** Ends in good order; after `STOP_PATIENCE_MS` by force. */
  readonly stop: () => Promise<void>;
  /** SIGKILL, as a crash would end it. */
  readonly kill: () => Promise<void>;
}

const STOP_PATIENCE_MS = 15_000;
/** A log that has grown past this is begun anew at the next start. */
const LOG_LIMIT_BYTES = 10_000_000;

/**
 * Starts a program in a process group of its own, so that Ctrl-C in the terminal reaches this process alone, which then
 * stops its children in order. Should this process end without having stopped it, it is told to end, where the system
 * can do that (Linux); elsewhere the next start finds it by its record.
 */
export async function startChild(options: ChildProgram): Promise<Child> {
  const { name, program, args, cwd, env, logFile, recordFile, stopSignal } = options;
  const log = openLog(logFile);
  const [first, ...rest] = endingWithParent([program, ...args], stopSignal);
  const child = spawn(first, rest, { cwd, env, detached: true, stdio: ['pipe', log, log] });
  closeSync(log);
  const { pid } = child;
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  if (pid === undefined) {
    const reason = await new Promise<Error>((resolve) => child.once('error', resolve));
    throw new CannotStartError(`${name} cannot be started: ${reason.message}`);
  }
  child.stdin?.on('error', () => undefined);
  recordProcess(recordFile, pid);

  let ending = false;
  const running = () => child.exitCode === null && child.signalCode === null;
  const endWithParent = () => child.kill(stopSignal);
  process.once('exit', endWithParent);
  child.once('exit', () => {
    process.off('exit', endWithParent);
    forgetProcess(recordFile);
  });

  async function end(signal: NodeJS.Signals): Promise<void> {
    ending = true;
    if (running()) child.kill(signal);
    const patience = new AbortController();
    const late = delay(STOP_PATIENCE_MS, 'late', { signal: patience.signal }).catch(() => undefined);
    if ((await Promise.race([exited, late])) === 'late') child.kill('SIGKILL');
    patience.abort();
    await exited;
  }
  return {
    pid,
    running,
    lastWords: () => readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-10).join('\n'),
    onUnexpectedEnd(tell) {
      child.once('exit', () => {
        if (!ending) tell(`${name} ended unexpectedly (${howItEnded(child)}); its log is ${logFile}`);
      });
    },
    stop: () => end(stopSignal),
    kill: () => end('SIGKILL'),
  };
}

/** Puts `setpriv` before a command line, where there is one: it asks the kernel for a signal when the parent is gone. */
export function endingWithParent(
  command: readonly [string, ...string[]],
  signal: NodeJS.Signals,
): [string, ...string[]] {
  const setpriv = process.platform === 'linux' ? findOnPath('setpriv') : undefined;
  return setpriv ? [setpriv, '--pdeathsig', signal.replace('SIG', ''), ...command] : [...command];
}

function openLog(file: string): number {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > LOG_LIMIT_BYTES) rmSync(file);
  const log = openSync(file, 'a', 0o600);
  fchmodSync(log, 0o600); // one of an older release may be readable by others
  return log;
}

const howItEnded = (child: ChildProcess): string => child.signalCode ?? `exit code ${child.exitCode}`;
