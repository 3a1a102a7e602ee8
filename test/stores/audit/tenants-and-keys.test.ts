import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createKeyRing } from '../../../platform/key-ring.ts';
import { createSealer, sealingKeyOf } from '../../../platform/seal.ts';
import { reseal } from '../../../stores/reseal.ts';
import { randomKey } from '../../platform/keys.ts';
import { ACME, ADA, fact, GLOBEX, openFreshTrail, user } from './fresh-trail.ts';

test('two tenants with a resource of the same id have each a chain of its own', async (context) => {
  const { audit, alarms } = await openFreshTrail(context);
  for (const tenant of [GLOBEX, ACME, GLOBEX])
    await audit.append(user(tenant), [fact('accepted', '01', { change: `${tenant} 1` as never })], tenant === ACME);
  await audit.append(user(GLOBEX), [fact('persisted', '02')]);
  await audit.append(user(ACME), [fact('settled', '03')]);
  const events = async (tenant: typeof ACME) =>
    (await audit.ofResource(tenant, ADA, { after: 0, limit: 10 })).map(({ event }) => event);
  assert.deepEqual(await events(ACME), ['accepted', 'settled']);
  assert.deepEqual(await events(GLOBEX), ['accepted', 'persisted']);
  for (const tenant of [ACME, GLOBEX]) assert.deepEqual(await audit.verify(tenant, ADA), { entries: 2 });
  assert.deepEqual(alarms, []);
});

test('many writers of one new chain at once lose nothing and raise no alarm', async (context) => {
  const { audit, alarms } = await openFreshTrail(context);
  const times = ['01', '02', '03', '04', '05'];
  await Promise.all(times.map((at) => audit.append(user(ACME), [fact('target-paused', at)])));
  assert.deepEqual(await audit.verify(ACME, ADA), { entries: times.length });
  assert.deepEqual(alarms, []);
});

test('a chain goes on under a new key, is verified by both, and needs the old encryption key no more once sealed anew', async (context) => {
  const [older, newer] = [randomKey('older'), randomKey('newer')];
  const trail = await openFreshTrail(context, createKeyRing([older]));
  await trail.audit.append(user(ACME), [fact('accepted', '01')], true);
  const both = createKeyRing([newer, older]);
  const rotated = trail.withKeys(both);
  await rotated.append(user(ACME), [fact('persisted', '02')]);
  assert.deepEqual(await rotated.verify(ACME, ADA), { entries: 2 });
  const keysOf = (await rotated.ofResource(ACME, ADA, { after: 0, limit: 5 })).map(({ key }) => key);
  assert.deepEqual(keysOf, ['older', 'newer']);

  await reseal(trail.connection, { sealer: createSealer(both), activeKey: newer.id, keyOf: sealingKeyOf });
  const later = trail.withKeys(createKeyRing([newer]));
  await later.append(user(ACME), [fact('settled', '03')]);
  assert.deepEqual(await later.verify(ACME, ADA), { entries: 3 });
});
