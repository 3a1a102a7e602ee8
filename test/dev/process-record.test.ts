import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { endRecorded, recordedProcess, recordProcess, startedAt } from '../../dev/services/process-record.ts';
import { scratchFolder } from './scratch.ts';

function longRunning(): { pid: number; exit: Promise<unknown[]> } {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  assert.ok(child.pid);
  return { pid: child.pid, exit: once(child, 'exit') };
}

test('a process that a killed start left behind is ended by the next one', async (t) => {
  const record = join(scratchFolder(t), 'process.json');
  const orphan = longRunning();
  recordProcess(record, orphan.pid);
  assert.equal(recordedProcess(record)?.pid, orphan.pid);
  assert.equal(await endRecorded(record, 'SIGTERM'), true);
  assert.deepEqual(await orphan.exit, [null, 'SIGTERM']);
  assert.equal(existsSync(record), false);
});

test('a process that merely has the recorded id is left alone', async (t) => {
  const record = join(scratchFolder(t), 'process.json');
  const stranger = longRunning();
  t.after(() => process.kill(stranger.pid, 'SIGKILL'));
  writeFileSync(record, JSON.stringify({ pid: stranger.pid, started: 'long ago' }));
  assert.equal(await endRecorded(record, 'SIGTERM'), false);
  assert.ok(startedAt(stranger.pid));
});

test('a record that was cut short counts as none', async (t) => {
  const record = join(scratchFolder(t), 'process.json');
  writeFileSync(record, '{"pid": 1');
  assert.equal(await endRecorded(record, 'SIGTERM'), false);
});
