import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { factsSchema } from '../../dev/demo/facts.ts';
import { connectMongo } from '../../stores/connect.ts';
import { until } from '../until.ts';

/** `npm start` on the servers of the tests, with data and ports of its own. */
function start(t: TestContext, dataDir: string) {
  const database = new URL(process.env['MONGODB_URI'] ?? 'mongodb://127.0.0.1:27017/');
  database.pathname = `/start-${dataDir.slice(-6).replace(/\W/g, '')}`;
  const child = spawn(process.execPath, ['dev/start.ts'], {
    env: {
      ...process.env,
      TEMPORAL_ADDRESS: process.env['TEMPORAL_ADDRESS'] ?? '127.0.0.1:7233',
      MONGODB_URI: database.href,
      PROVOST_DATA: dataDir,
      PROVOST_TASK_QUEUE: `start-${dataDir.slice(-6).replace(/\W/g, '').toLowerCase()}`,
      PROVOST_API_PORT: '0',
      PROVOST_API_METRICS_PORT: '0',
      PROVOST_WORKER_METRICS_PORT: '0',
      PROVOST_SANDBOX_PORT: '0',
    },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += String(chunk)));
  t.after(() => child.kill('SIGKILL'));
  t.after(() => dropDatabase(database.href));
  return {
    async ready() {
      await until(
        'the start',
        () => said,
        (text) => text.includes('Ctrl-C stops everything.') || child.exitCode !== null,
        60_000,
      );
      assert.equal(child.exitCode, null, said);
      const file = join(dataDir, 'dev.json');
      // Secrets, people's data and logs are nobody else's on the machine.
      for (const name of await readdir(dataDir, { recursive: true })) {
        const found = await stat(join(dataDir, name));
        if (name.endsWith('process.json') || name.endsWith('owner.json')) continue;
        if (found.isFile() && /\.(?:json|jsonl|log|eml)$|^curl$/.test(name)) assert.equal(found.mode & 0o077, 0, name);
      }
      return factsSchema.parse(JSON.parse(await readFile(file, 'utf8')));
    },
    said: () => said,
    async interrupt() {
      child.kill('SIGINT');
      if (child.exitCode === null) await once(child, 'exit');
      assert.equal(child.exitCode, 0, said);
    },
  };
}

async function dropDatabase(uri: string): Promise<void> {
  const connection = await connectMongo({ uri, maxPoolSize: 5 });
  await connection.dropDatabase();
  await connection.close();
}

test('one command brings up everything, and the next start finds all of it again', async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'provost-start-'));
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  const first = start(t, dataDir);
  const facts = await first.ready();
  assert.ok(first.said().includes(facts.basic.password), 'credentials are shown');

  const authorization = `Basic ${Buffer.from(`${facts.basic.username}:${facts.basic.password}`).toString('base64')}`;
  const created = await fetch(`${facts.scim2}/Users`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/scim+json' },
    body: JSON.stringify({ userName: 'ada' }),
  });
  assert.equal(created.status, 201, await created.text());
  await until(
    'the account at the sandbox',
    async () => (await fetch(facts.sandboxTarget)).text(),
    (text) => text.includes('"ada"'),
  );

  const token = await fetch(facts.oauth.tokenEndpoint, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${facts.oauth.clientId}:${facts.oauth.clientSecret}`).toString('base64')}`,
    },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  assert.equal(token.status, 200, await token.text());
  await first.interrupt();

  const second = start(t, dataDir);
  const again = await second.ready();
  assert.deepEqual(again.basic, facts.basic);
  assert.ok(!second.said().includes(facts.basic.password), 'credentials are shown once');
  const listed = await fetch(`${again.scim2}/Users?filter=userName%20eq%20%22ada%22`, { headers: { authorization } });
  assert.equal(((await listed.json()) as { totalResults: number }).totalResults, 1);
  assert.match(await (await fetch(again.sandboxTarget)).text(), /"ada"/);
  await second.interrupt();
});
