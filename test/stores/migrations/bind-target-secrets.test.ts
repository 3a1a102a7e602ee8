import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asTargetId, asTenantId } from '../../../domain/ids.ts';
import { findTarget } from '../../../domain/policy.ts';
import { targetSecretContext } from '../../../domain/target-secret-context.ts';
import { createSealer } from '../../../platform/seal.ts';
import { bindTargetSecrets } from '../../../stores/migrations/bind-target-secrets.ts';
import { migrate } from '../../../stores/migrations/migrate.ts';
import { createPolicyStore } from '../../../stores/policies.ts';
import { randomKeyRing } from '../../platform/keys.ts';
import { openFreshDatabase } from '../fresh-database.ts';

const acme = asTenantId('acme');
const t1 = asTargetId('t1');

test('secrets of the older release are bound to where they go, once, in every version', async (context) => {
  const connection = await openFreshDatabase(context, 'test-migrations');
  const sealer = createSealer(randomKeyRing('k1'));
  const dropped = createSealer(randomKeyRing('k0'));
  const policy = (version: number, baseUrl: string, targets: object[] = []) => ({
    _id: `acme@${version}`,
    tenant: 'acme',
    version,
    createdAt: '2026-01-01T00:00:00.000Z',
    createdBy: 'admin',
    serviceProviders: [],
    identityProviders: [
      { id: 'none', name: 'None', targets: [] },
      {
        id: 'one',
        name: 'One',
        targets: [
          ...targets,
          {
            id: 't1',
            settings: { baseUrl },
            sealedSecrets: {
              authentication: sealer.seal({ kind: 'bearer', version }, 'acme/targets/t1/authentication'),
            },
          },
        ],
      },
    ],
  });
  const lost = { id: 't0', settings: {}, sealedSecrets: { key: dropped.seal('x', 'acme/targets/t0/key') } };
  const documents = connection.collection('policies');
  await documents.insertMany([
    policy(1, 'https://one.example/scim'),
    policy(2, 'https://two.example/scim', [lost]),
  ] as never[]);

  const options = { sealer, now: () => new Date(), migrations: [bindTargetSecrets] };
  const [dry] = await migrate(connection, { ...options, isDryRun: true });
  assert.deepEqual(dry?.counts, { examined: 2, bound: 2, 'could not be opened': 1 });
  const [done] = await migrate(connection, options);
  assert.deepEqual(done?.counts, dry?.counts);
  const policies = createPolicyStore(connection, { currentForMs: 0, now: Date.now });
  for (const [version, host] of [
    [1, 'one'],
    [2, 'two'],
  ] as const) {
    const target = findTarget(await policies.at(acme, version), t1);
    const sealed = target?.sealedSecrets['authentication'] ?? '';
    const at = (name: string) => ({ id: t1, settings: { baseUrl: `https://${name}.example/other` } });
    assert.deepEqual(sealer.unseal(sealed, targetSecretContext(acme, at(host), 'authentication')), {
      kind: 'bearer',
      version,
    });
    assert.throws(() => sealer.unseal(sealed, targetSecretContext(acme, at('elsewhere'), 'authentication')));
    assert.equal('boundSecrets' in (target ?? {}), false);
  }
  const stored = await documents.find({}).sort({ _id: 1 }).toArray();
  const older = JSON.stringify(stored[0]?.['identityProviders']);
  assert.match(older, /"sealedSecrets":\{"authentication"/, 'the older release still reads its own form');
  await migrate(connection, { ...options, again: true });
  assert.deepEqual(await documents.find({}).sort({ _id: 1 }).toArray(), stored);
});

test('what this release writes holds no secret in the form of the older one', async (context) => {
  const connection = await openFreshDatabase(context, 'test-migrations');
  const policies = createPolicyStore(connection, { currentForMs: 0, now: Date.now });
  const target = { id: t1, settings: {}, sealedSecrets: { key: 's1.k.x' } };
  const identityProviders = [{ id: 'one', name: 'One', targets: [target] }] as never;
  const written = { tenant: acme, version: 1, serviceProviders: [], identityProviders };
  await policies.write(written, { by: 'admin', at: '2026-01-01T00:00:00.000Z' });
  const [document] = await connection.collection('policies').find({}).toArray();
  assert.deepEqual(document?.['identityProviders'][0].targets, [
    { id: 't1', settings: {}, sealedSecrets: {}, boundSecrets: { key: 's1.k.x' } },
  ]);
  const fresh = createPolicyStore(connection, { currentForMs: 0, now: Date.now });
  assert.deepEqual((await fresh.current(acme)).identityProviders, identityProviders);
});
