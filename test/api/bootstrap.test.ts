import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { RESIDENT } from '../../api/admin/tenants/create-tenant.ts';
import { bootstrap } from '../../api/bootstrap.ts';
import { asTenantId } from '../../domain/ids.ts';
import { createBootstrapMarks } from '../../stores/bootstrap-marks.ts';
import { createCredentialStore } from '../../stores/credentials.ts';
import { createPolicyStore } from '../../stores/policies.ts';
import { openFreshDatabase } from '../stores/fresh-database.ts';

const home = asTenantId('home');

async function installation(context: TestContext) {
  const connection = await openFreshDatabase(context, 'test-bootstrap');
  const credentials = createCredentialStore(connection);
  const recorded: string[] = [];
  const dependencies = {
    policies: createPolicyStore(connection, { currentForMs: 0, now: Date.now }),
    credentials,
    bootstrapMarks: createBootstrapMarks(connection),
    audit: { appendAdministrative: async (_: unknown, { event }: { event: string }) => void recorded.push(event) },
    hashSecret: async (secret: string) => `hash of ${secret}`,
    now: () => new Date(),
  };
  return {
    credentials,
    recorded,
    start: (username: string) =>
      bootstrap({ tenant: home, admin: { username, password: 'a long password' } }, dependencies),
    names: async () => (await credentials.list(home, RESIDENT)).map(({ id }) => id),
  };
}

test('an administrator that was deleted does not come back while the configuration still names them', async (context) => {
  const { credentials, start, names, recorded } = await installation(context);
  await start('admin');
  await start('admin');
  assert.deepEqual(recorded, ['tenant-created', 'credential-created'], 'what is made is recorded, and once');
  assert.deepEqual(await names(), ['admin']);
  await credentials.remove(home, 'admin');
  await start('admin');
  assert.deepEqual(await names(), []);
  await start('rescue');
  assert.deepEqual(await names(), ['rescue'], 'another name makes another, where nobody is left');
});

test('an administrator that the older release made counts as made', async (context) => {
  const { credentials, start, names } = await installation(context);
  await start('somebody');
  const { binding: _binding, ...made } = (await credentials.find(home, 'somebody')) ?? assert.fail();
  await credentials.add({ ...made, id: 'admin' });
  await start('admin');
  await credentials.remove(home, 'admin');
  await start('admin');
  assert.deepEqual(await names(), ['somebody']);
});
