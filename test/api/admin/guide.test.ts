import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { findConnectorType } from '../../../connectors/registry.ts';
import { asTargetId, asTenantId } from '../../../domain/ids.ts';
import { startAdmin } from './fixture.ts';
import { fact, parkedAt, recordChange } from './recorded-changes.ts';

const run = promisify(execFile);
const missing = await run('bash', ['-c', 'curl --json x --version && jq --version']).then(
  () => false,
  () => 'the guide needs bash, jq and a curl that knows --json',
);

test('the commands of the guide to configure a tenant work as they stand', { skip: missing }, async (context) => {
  const api = await startAdmin(context, { findConnectorType });
  const platform = await api.basicCredential(await api.createTenant('home'), ['platform-admin']);
  const tenant = asTenantId('acme'); // which the guide is yet to create
  const change = await recordChange(api, tenant, parkedAt(asTargetId('t-1')));
  await api.audit.append({ tenant, resourceType: 'User', resourceId: change.resourceId }, [
    fact(change.id, 'accepted', 1),
  ]);

  const guide = await readFile(new URL('../../../docs/guides/configure-a-tenant.md', import.meta.url), 'utf8');
  const given: Readonly<Record<string, string>> = {
    PROVOST: api.url,
    PLATFORM: `${platform.id}:${platform.secret}`,
    CHANGE: change.id,
    RESOURCE: change.resourceId,
  };
  const script = [...guide.matchAll(/```sh\n(.*?)```/gs)]
    .map(([, block = '']) => block)
    .join('\n')
    .replaceAll(/^([A-Z]+)=(?!\$).*$/gm, (line, name: string) =>
      given[name] === undefined ? line : `${name}='${given[name]}'`,
    );

  const folder = await mkdtemp(join(tmpdir(), 'provost-guide-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  await assert.doesNotReject(run('bash', ['-euo', 'pipefail', '-c', script], { cwd: folder }));

  const policy = await api.policies.current(tenant);
  assert.deepEqual([policy.name, policy.identityProviders], ['Acme Ltd', []]);
  assert.deepEqual(
    api.orders.map(({ action }) => action),
    ['retry', 'skip', 'compensate'],
  );
});
