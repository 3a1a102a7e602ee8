import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { recordedProcess, startedAt } from '../../dev/services/process-record.ts';
import { ownEnvironment, recordFiles, scratchFolder } from './scratch.ts';

const PATIENCE_MS = 20_000;

function startMain(data: string): ChildProcessByStdio<null, Readable, null> {
  const main = join(import.meta.dirname, '../../dev/services/main.ts');
  const env = ownEnvironment({
    PROVOST_DATA: data,
    PROVOST_TEMPORAL_PORT: '0',
    PROVOST_TEMPORAL_UI_PORT: '0',
    PROVOST_MONGODB_PORT: '0',
  });
  return spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'inherit'] });
}

async function untilReady(main: ChildProcessByStdio<null, Readable, null>): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of createInterface({ input: main.stdout })) {
    lines.push(line);
    if (line.includes('web interface')) return lines;
  }
  return assert.fail(`it ended before it was ready: ${lines.join('\n')}`);
}

/** The processes on record that run, without the one that owns the data. */
const runningPids = (data: string, main: number | undefined): number[] =>
  recordFiles(data)
    .map((file) => recordedProcess(file)?.pid ?? 0)
    .filter((pid) => pid !== 0 && pid !== main);

async function untilGone(pids: readonly number[]): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (pids.some(startedAt)) {
    assert.ok(Date.now() < deadline, `still running: ${pids.filter(startedAt)}`);
    await delay(20);
  }
}

test('the services alone: Ctrl-C ends all, a killed start leaves nothing that stops the next one', async (t) => {
  const data = scratchFolder(t);
  const killed = startMain(data);
  const lines = await untilReady(killed);
  assert.ok(lines.some((line) => line.includes('MONGODB_URI=mongodb://127.0.0.1:')));
  const orphans = runningPids(data, killed.pid);
  assert.ok(orphans.length >= 2);
  killed.kill('SIGKILL');
  await once(killed, 'exit');

  const next = startMain(data);
  await untilReady(next);
  await untilGone(orphans);
  const children = runningPids(data, next.pid);
  next.kill('SIGINT');
  assert.deepEqual(await once(next, 'exit'), [0, null]);
  assert.deepEqual(children.filter(startedAt), []);
});
