import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type SandboxTarget, startSandboxTarget } from '../../dev/sandbox-target.ts';
import { until } from '../until.ts';
import { startInstallation, type TestInstallation } from './installation.ts';
import { newTenant } from './tenant.ts';

let provost: TestInstallation;
let sandbox: SandboxTarget;

before(async () => {
  [provost, sandbox] = await Promise.all([
    startInstallation(),
    startSandboxTarget({ host: '127.0.0.1', port: 0, token: 'sandbox' }),
  ]);
});
after(async () => {
  await provost.stop();
  await sandbox.stop();
});

test('a user that a client creates arrives at the target', async () => {
  const { scim, admin } = await newTenant(provost.url, { targets: [{ baseUrl: sandbox.url, token: 'sandbox' }] });
  const created = await scim('POST', '/Users', { userName: 'ada', name: { givenName: 'Ada' } });
  assert.equal(created.status, 201, created.text);
  const accounts = await until(
    'the account',
    async () => (await fetch(sandbox.pageUrl)).text(),
    (text) => text.includes('"ada"'),
  );
  assert.match(accounts, /"givenName":"Ada"/);
  const change = created.headers.get('provost-change');
  await until(
    'settled',
    async () => (await admin('GET', `/changes/${change}`)).body,
    (b) => b['state'] === 'settled',
  );
});
