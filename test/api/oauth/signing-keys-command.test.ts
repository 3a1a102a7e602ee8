import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { ownEnvironment } from '../../end-to-end/environment.ts';
import { openFreshDatabase } from '../../stores/fresh-database.ts';

const run = promisify(execFile);
const COMMAND = join(import.meta.dirname, '../../../api/signing-keys.ts');

test('a command lists, adds and drops signing keys, and says how it is used', async (context) => {
  const connection = await openFreshDatabase(context, 'test-signing-keys');
  const mongo = new URL(process.env['MONGODB_URI'] ?? 'mongodb://127.0.0.1:27017/');
  mongo.pathname = `/${connection.name}`;
  const env = { ...process.env, ...ownEnvironment({ MONGODB_URI: mongo.href }) };
  const command = async (...args: string[]) => (await run(process.execPath, [COMMAND, ...args], { env })).stdout.trim();

  const first = /^Added key (\S+)\. It signs from now on\.$/.exec(await command('rotate', '--now'))?.[1] ?? '';
  const second = /^Added key (\S+)\. It signs in ten minutes\.$/.exec(await command('rotate'))?.[1] ?? '';
  assert.deepEqual(
    (await command('list')).split('\n').map((line) => line.split(/\s+/).slice(0, 2)),
    [
      [second, 'next'],
      [first, 'signs'],
    ],
  );
  assert.match(await command('drop', first), /^Added key \S+\. It signs from now on\.\nDropped key \S+\.$/);
  await assert.rejects(command('drop', first), /There is no signing key with this id/);
  await assert.rejects(command('burn'), /Usage: node api\/signing-keys\.ts/);
});
