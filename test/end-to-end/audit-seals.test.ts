import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { until } from '../until.ts';
import { ownEnvironment } from './environment.ts';
import { startInstallation, type TestInstallation } from './installation.ts';
import { newTenant, settled } from './tenant.ts';

let provost: TestInstallation;
let folder: string;
let env: Record<string, string>;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provost-seals-'));
  env = ownEnvironment({ PROVOST_AUDIT_SEAL_SECONDS: '1', PROVOST_AUDIT_SEAL_FILE: join(folder, 'seals.jsonl') });
  provost = await startInstallation({ env });
});
after(async () => {
  await provost.stop();
  await rm(folder, { recursive: true });
});

/** The command, as an operator runs it. */
const verify = (tenant: string) =>
  promisify(execFile)(
    process.execPath,
    [
      ...[join(import.meta.dirname, '..', '..', 'worker', 'verify-audit.ts'), '--tenant', tenant],
      ...['--seals', join(folder, 'seals.jsonl')],
    ],
    { env: { PATH: process.env['PATH'] ?? '', ...env } },
  ).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (failed: { code: number; stdout: string; stderr: string }) => failed,
  );

test('the worker seals what was recorded into a file, by which a trail that was removed altogether is missed', async () => {
  const tenant = await newTenant(provost.url, { mode: 'persist' });
  const created = await tenant.scim('POST', '/Users', { userName: 'sealed' });
  await settled(tenant, created);
  const heads = provost.mongo.collection('audit-heads');
  await until('everything sealed', async () => (await heads.countDocuments({ unsealed: true })) === 0);
  const isIn = async (): Promise<boolean> =>
    (await readFile(join(folder, 'seals.jsonl'), 'utf8').catch(() => '')).includes(`"tenant":"${tenant.id}"`);
  await until('the seal in the file', isIn);
  const intact = await verify(tenant.id);
  assert.equal(intact.code, 0, intact.stderr);
  assert.match(intact.stdout, /\d+ chains and \d+ seals verified, 0 faults/);

  const ofUser = { tenant: tenant.id, resourceId: String(created.body['id']) };
  await provost.mongo.collection('audit').deleteMany(ofUser);
  await heads.deleteMany(ofUser);
  await provost.mongo.collection('audit-seals').deleteMany({ tenant: tenant.id });
  const removed = await verify(tenant.id);
  assert.equal(removed.code, 1);
  assert.match(removed.stderr, /seals that were written out are missing/);
});
