import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { Connection } from 'mongoose';
import { type AuditEntry, auditMaterial } from '../../../domain/audit.ts';
import { ACME, ADA, fact, GLOBEX, openFreshTrail, user } from './fresh-trail.ts';

/** Three entries, the last two of another append. */
async function threeEntries(trail: Awaited<ReturnType<typeof openFreshTrail>>): Promise<void> {
  await trail.audit.append(user(ACME), [fact('accepted', '01', { actor: 'hr' })], true);
  await trail.audit.append(user(ACME), [fact('persisted', '02', { facts: { version: 1 } }), fact('settled', '03')]);
}

type Collection = ReturnType<Connection['collection']>;

/** What somebody does who has the database and knows the code, but none of the keys. */
const ATTACKS: readonly {
  readonly what: string;
  readonly broken: RegExp;
  attack(entries: Collection, heads: Collection): Promise<unknown>;
}[] = [
  {
    what: 'the last entry is cut off',
    broken: /^3 entries at the end are missing$/,
    attack: (entries) => entries.deleteOne({ sequence: 3 }),
  },
  {
    what: 'all but the first entry are cut off',
    broken: /^2 entries at the end are missing$/,
    attack: (entries) => entries.deleteMany({ sequence: { $gt: 1 } }),
  },
  {
    what: 'all entries are removed',
    broken: /^1 entries at the end are missing$/,
    attack: (entries) => entries.deleteMany({}),
  },
  {
    what: 'the end is cut off together with the head',
    broken: /^2 the head of the chain is missing$/,
    attack: (entries, heads) => Promise.all([entries.deleteOne({ sequence: 3 }), heads.deleteMany({})]),
  },
  {
    what: 'the head is moved back to the new end',
    broken: /^2 the head of the chain was altered$/,
    async attack(entries, heads) {
      await entries.deleteOne({ sequence: 3 });
      const last = await entries.findOne({ sequence: 2 });
      await heads.updateOne({}, { $set: { sequence: 2, hash: last?.['hash'] } });
    },
  },
  {
    what: 'the first entry is removed',
    broken: /^1 an entry is missing$/,
    attack: (entries) => entries.deleteOne({ sequence: 1 }),
  },
  {
    what: 'an actor is exchanged',
    broken: /^1 its content was altered$/,
    attack: (entries) => entries.updateOne({ sequence: 1 }, { $set: { actor: 'somebody-else' } }),
  },
  {
    what: 'the key is exchanged for one that nobody has',
    broken: /^1 its key is unknown$/,
    attack: (entries) => entries.updateOne({ sequence: 1 }, { $set: { key: 'mine' } }),
  },
  {
    what: 'the whole chain is rewritten with plain digests, as older releases had them',
    broken: /^1 it carries no key$/,
    async attack(entries) {
      let previousHash = '0'.repeat(64);
      for (const entry of await entries.find({}).sort({ sequence: 1 }).toArray()) {
        const { _id, hash: _hash, key: _key, ...rest } = entry as unknown as AuditEntry & { _id: string };
        const rewritten = { ...rest, actor: 'somebody-else', previousHash };
        previousHash = createHash('sha256').update(auditMaterial(rewritten)).digest('hex');
        await entries.replaceOne({ _id: _id as never }, { ...rewritten, hash: previousHash } as never);
      }
    },
  },
  {
    what: 'the whole chain is rewritten, its entries are marked as those of an older release, and its head is moved',
    broken: /^3 the head of the chain was altered$/,
    async attack(entries, heads) {
      await entries.updateMany({}, { $unset: { key: '' } });
      await heads.updateOne({}, { $set: { unkeyed: [[1, 3]], unkeyedKey: 'k1', unkeyedMac: '0'.repeat(64) } });
    },
  },
  {
    what: 'an entry is forged at the end',
    broken: /^4 its content was altered$/,
    async attack(entries) {
      const last = (await entries.findOne({ sequence: 3 })) as unknown as AuditEntry & { _id: string };
      const forged = {
        ...last,
        _id: 'acme/ada/000000004',
        sequence: 4,
        previousHash: last.hash,
        event: 'step-skipped',
      };
      await entries.insertOne({ ...forged, hash: 'f'.repeat(64) } as never);
    },
  },
  {
    what: 'the head of another chain is put in its place',
    broken: /^3 the head of the chain was altered$/,
    async attack(_, heads) {
      const { mac } = (await heads.findOne({ tenant: GLOBEX })) as unknown as { mac: string };
      await heads.updateOne({ tenant: ACME }, { $set: { mac } });
    },
  },
];

for (const { what, broken, attack } of ATTACKS) {
  test(`verification finds it where ${what}`, async (context) => {
    const trail = await openFreshTrail(context);
    await threeEntries(trail);
    await trail.audit.append(user(GLOBEX), [fact('accepted', '01')], true);
    assert.deepEqual(await trail.audit.verify(ACME, ADA), { entries: 3 });
    await attack(trail.connection.collection('audit'), trail.connection.collection('audit-heads'));
    const verdict = await trail.audit.verify(ACME, ADA);
    assert.match(`${verdict.broken?.sequence} ${verdict.broken?.reason}`, broken);
  });
}

test('verification finds it where a chain is removed with its head and the change it tells of is still recorded', async (context) => {
  const trail = await openFreshTrail(context);
  await trail.endedChange('c');
  await trail.audit.append(user(ACME), [fact('accepted', '01'), fact('settled', '02')], true);
  assert.deepEqual(await trail.audit.verify(ACME, ADA), { entries: 2 });
  await trail.entries.deleteMany({});
  await trail.heads.deleteMany({});
  const { broken } = await trail.audit.verify(ACME, ADA);
  assert.equal(broken?.reason, 'the change c ended and has no entry');
});

test('what is appended to a chain whose end was cut off raises an alarm, and leaves the gap to be seen', async (context) => {
  const trail = await openFreshTrail(context);
  await threeEntries(trail);
  await trail.entries.deleteOne({ sequence: 3 });
  await trail.audit.append(user(ACME), [fact('step-retried', '04')]);
  assert.deepEqual(
    trail.alarms.map(({ tenant, resourceId, reason }) => [tenant, resourceId, reason]),
    [[ACME, ADA, 'entries-missing']],
  );
  assert.equal((await trail.audit.verify(ACME, ADA)).broken?.reason, 'an entry is missing');
  const [alarm, ...others] = await trail.audit.alarms.list(ACME, { limit: 10 });
  assert.deepEqual([alarm?.reason, others.length], ['entries-missing', 0]);
  assert.deepEqual(await trail.audit.alarms.list(GLOBEX, { limit: 10 }), []);
});

test('what is appended to a chain whose head was removed raises an alarm', async (context) => {
  const trail = await openFreshTrail(context);
  await threeEntries(trail);
  await trail.heads.deleteMany({});
  await trail.audit.append(user(ACME), [fact('step-retried', '04')]);
  assert.deepEqual(
    trail.alarms.map(({ reason }) => reason),
    ['head-missing'],
  );
});

test('an id that something else has taken raises an alarm and stops neither the chain nor its writer', async (context) => {
  const trail = await openFreshTrail(context);
  await threeEntries(trail);
  await trail.entries.insertOne({ _id: 'acme/ada/000000004', tenant: 'x', resourceId: 'y', sequence: 1 } as never);
  await trail.audit.append(user(ACME), [fact('step-retried', '04')]);
  assert.deepEqual(
    trail.alarms.map(({ reason }) => reason),
    ['id-taken'],
  );
  const [entry] = await trail.audit.ofResource(ACME, ADA, { after: 3, limit: 10 });
  assert.deepEqual([entry?.event, entry?.sequence], ['step-retried', 5]);
});

test('a writer that died before it noted the head is continued without an alarm', async (context) => {
  const trail = await openFreshTrail(context);
  await trail.audit.append(user(ACME), [fact('accepted', '01')], true);
  await trail.heads.deleteMany({});
  await trail.audit.append(user(ACME), [fact('accepted', '01')], true);
  assert.deepEqual(trail.alarms, []);
  assert.deepEqual(await trail.audit.verify(ACME, ADA), { entries: 1 });
});
