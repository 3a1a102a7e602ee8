import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startChild } from '../../dev/services/child.ts';
import { untilReady } from '../../dev/services/until-ready.ts';
import { scratchFolder } from './scratch.ts';

function program(folder: string, script: string) {
  return {
    name: 'The example',
    program: process.execPath,
    args: ['-e', script],
    cwd: folder,
    logFile: join(folder, 'example.log'),
    recordFile: join(folder, 'example.json'),
    stopSignal: 'SIGTERM',
  } as const;
}

test('a child that ends while it starts is an error with the end of its log', async (t) => {
  const folder = scratchFolder(t);
  const child = await startChild(program(folder, 'console.error("disk is full"); process.exit(3)'));
  await assert.rejects(
    untilReady('The example', child, () => false),
    { name: 'CannotStartError', message: 'The example ended while it started:\ndisk is full' },
  );
});

test('a child that never becomes ready is an error with the last answer', async (t) => {
  const folder = scratchFolder(t);
  const child = await startChild(program(folder, 'setInterval(() => {}, 1000)'));
  t.after(child.stop);
  const refused = () => Promise.reject(new Error('connection refused'));
  await assert.rejects(untilReady('The example', child, refused, 100), /last answer: connection refused/);
});

test('a program that is not there is an error with its name', async (t) => {
  const folder = scratchFolder(t);
  const missing = { ...program(folder, ''), cwd: join(folder, 'nowhere') };
  await assert.rejects(startChild(missing), /^CannotStartError: The example cannot be started: /);
});

test('stopping a child forgets its record and is no unexpected end; a crash is one', async (t) => {
  const folder = scratchFolder(t);
  const said: string[] = [];
  const stopped = await startChild(program(folder, 'setInterval(() => {}, 1000)'));
  stopped.onUnexpectedEnd((message) => said.push(message));
  await stopped.stop();
  assert.equal(existsSync(join(folder, 'example.json')), false);
  assert.deepEqual(said, []);

  const crashed = Promise.withResolvers<string>();
  const crashing = await startChild(program(folder, 'process.stdin.once("end", () => process.exit(7)).resume()'));
  crashing.onUnexpectedEnd(crashed.resolve);
  process.kill(crashing.pid, 'SIGABRT');
  assert.match(await crashed.promise, /^The example ended unexpectedly \(SIGABRT\); its log is /);
});
