import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';

/** A process by its id and by when it started, so that another one with a reused id is never taken for it. */
const ProcessRecord = z.object({ pid: z.int().positive(), started: z.string().min(1) });
export type ProcessRecord = z.infer<typeof ProcessRecord>;

/** @returns when the process started, in whatever form this system tells it; nothing when it runs no more */
export function startedAt(pid: number): string | undefined {
  try {
    if (process.platform !== 'linux')
      return execFileSync('ps', ['-o', 'lstart=', '-p', `${pid}`], { encoding: 'utf8' });
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // proc(5): the name in brackets may hold spaces; state is the first field after it, start time the twentieth.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${fields[19]}`;
  } catch {
    return undefined;
  }
}

export function recordProcess(file: string, pid: number): void {
  writeFileSync(file, JSON.stringify({ pid, started: startedAt(pid) ?? 'ended' }));
}

/** @returns the recorded process, if it is still that process and still runs */
export function recordedProcess(file: string): ProcessRecord | undefined {
  try {
    const record = ProcessRecord.parse(JSON.parse(readFileSync(file, 'utf8')));
    return startedAt(record.pid) === record.started ? record : undefined;
  } catch {
    return undefined; // no record, or one cut short: nothing that could be trusted
  }
}

export const forgetProcess = (file: string): void => rmSync(file, { force: true });

/** Ends the process that an earlier start left behind, if there is one: asks first, then insists. */
export async function endRecorded(file: string, signal: NodeJS.Signals, patienceMs = 10_000): Promise<boolean> {
  const record = recordedProcess(file);
  if (record) {
    const gone = () => startedAt(record.pid) !== record.started;
    process.kill(record.pid, signal);
    if (!(await until(gone, patienceMs))) process.kill(record.pid, 'SIGKILL');
    await until(gone, patienceMs);
  }
  forgetProcess(file);
  return record !== undefined;
}

async function until(condition: () => boolean, patienceMs: number): Promise<boolean> {
  const deadline = Date.now() + patienceMs;
  while (!condition()) {
    if (Date.now() > deadline) return false;
    await delay(50);
  }
  return true;
}
