import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asResourceId } from '../../../domain/ids.ts';
import type { AuditSeal } from '../../../stores/audit/seals.ts';
import { ACME, ADA, fact, GLOBEX, openFreshTrail, user } from './fresh-trail.ts';

const BOB = asResourceId('bob');
const now = (): Date => new Date();

async function sealedTrail(context: Parameters<typeof openFreshTrail>[0]) {
  const trail = await openFreshTrail(context);
  const { audit } = trail;
  await audit.append(user(ACME), [fact('accepted', '01'), fact('persisted', '02')], true);
  await audit.append(user(ACME, BOB), [fact('accepted', '01')], true);
  await audit.append(user(GLOBEX), [fact('accepted', '01')], true);
  assert.equal(await audit.seals.sealMoved(now), 2, 'one for each tenant');
  await audit.append(user(ACME), [fact('settled', '03')]);
  assert.equal(await audit.seals.sealMoved(now), 1);
  const written: AuditSeal[] = [];
  await audit.seals.writeOut(async (seal) => void written.push(seal));
  const kept = new Map(written.filter(({ tenant }) => tenant === ACME).map((seal) => [seal.number, seal]));
  return { ...trail, written, kept, seals: trail.connection.collection('audit-seals') };
}

test('seals cover what moved since the ones before, of each tenant, and nothing where nothing moved', async (context) => {
  const { audit, written, kept } = await sealedTrail(context);
  assert.deepEqual(
    written.map(({ tenant, number }) => `${tenant} ${number}`),
    ['acme 1', 'acme 2', 'globex 1'],
  );
  const [first, second] = await audit.seals.list(ACME, 0);
  assert.deepEqual(
    first?.heads.map(({ resourceId, sequence }) => `${resourceId} ${sequence}`),
    ['ada 2', 'bob 1'],
  );
  assert.deepEqual(
    second?.heads.map(({ resourceId, sequence }) => `${resourceId} ${sequence}`),
    ['ada 3'],
  );
  assert.equal(await audit.seals.sealMoved(now), 0);
  await audit.seals.writeOut(() => assert.fail('everything is written out'));
  assert.deepEqual(await audit.verifySeals(ACME, kept), { seals: 2 });
});

test('a seal that could not be written out is written the next time', async (context) => {
  const { audit } = await openFreshTrail(context);
  await audit.append(user(ACME), [fact('accepted', '01')], true);
  await audit.seals.sealMoved(now);
  await assert.rejects(
    audit.seals.writeOut(() => Promise.reject(new Error('away'))),
    /away/,
  );
  const written: number[] = [];
  await audit.seals.writeOut(async ({ number }) => void written.push(number));
  assert.deepEqual(written, [1]);
});

test('a chain that is removed with its head is missed by its seal', async (context) => {
  const { audit, entries, heads } = await sealedTrail(context);
  await entries.deleteMany({ tenant: ACME, resourceId: ADA });
  await heads.deleteMany({ tenant: ACME, resourceId: ADA });
  assert.deepEqual((await audit.verify(ACME, ADA)).broken, undefined, 'nothing of it is left to be verified');
  assert.equal((await audit.verifySeals(ACME)).broken?.reason, 'entry 2 of ada is missing');
});

test('chain and head put back together to an earlier state are found out by the seal', async (context) => {
  const trail = await openFreshTrail(context);
  const { audit, heads, entries } = trail;
  await audit.append(user(ACME), [fact('accepted', '01')], true);
  const earlier = await heads.findOne({ tenant: ACME });
  await audit.append(user(ACME), [fact('settled', '02')]);
  await audit.seals.sealMoved(now);
  await entries.deleteOne({ tenant: ACME, sequence: 2 });
  await heads.replaceOne({ tenant: ACME }, earlier as never);
  assert.deepEqual(await audit.verify(ACME, ADA), { entries: 1 }, 'the chain alone does not show it');
  assert.equal((await audit.verifySeals(ACME)).broken?.reason, 'entry 2 of ada is missing');
});

test('seals that are altered, forged, or removed are found out, the last ones by those that were written out', async (context) => {
  const { audit, seals, kept } = await sealedTrail(context);
  const reason = async (): Promise<string | undefined> => (await audit.verifySeals(ACME, kept)).broken?.reason;
  const second = await seals.findOne({ tenant: ACME, number: 2 });
  await seals.updateOne({ tenant: ACME, number: 2 }, { $set: { at: 'another time' } });
  assert.equal(await reason(), 'its content was altered');
  await seals.replaceOne({ tenant: ACME, number: 2 }, { ...second, mac: '0'.repeat(64) } as never);
  assert.equal(await reason(), 'it is forged');
  await seals.deleteOne({ tenant: ACME, number: 2 });
  assert.deepEqual(await audit.verifySeals(ACME), { seals: 1 }, 'the database alone does not show it');
  assert.equal(await reason(), 'seals that were written out are missing');
  await seals.insertOne(second as never);
  await seals.deleteOne({ tenant: ACME, number: 1 });
  assert.equal(await reason(), 'a seal is missing');
});
