import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { jwtVerify, SignJWT } from 'jose';
import { SIGNING_ALGORITHM } from '../../../api/oauth/new-signing-key.ts';
import { createSigningKeyRotation } from '../../../api/oauth/signing-key-rotation.ts';
import { createSigningKeys } from '../../../api/oauth/signing-keys.ts';
import { createSealer } from '../../../platform/seal.ts';
import { ensureIndexes } from '../../../stores/connect.ts';
import { createSigningKeyStore } from '../../../stores/signing-keys.ts';
import { randomKeyRing } from '../../platform/keys.ts';
import { openFreshDatabase } from '../../stores/fresh-database.ts';

const DAY = 86_400_000;
const MINUTE = 60_000;
const SETTINGS = { rotateAfterMs: 90 * DAY, tokenLifetimeMs: 60 * MINUTE };

/** Two API processes over one database, with a clock that the test moves. */
async function twoProcesses(context: TestContext) {
  const connection = await openFreshDatabase(context, 'test-signing-keys');
  const store = createSigningKeyStore(connection, createSealer(randomKeyRing('k1')));
  await ensureIndexes(connection);
  const clock = { now: Date.parse('2026-01-01T00:00:00Z') };
  const now = () => clock.now;
  const recorded: string[] = [];
  const record = async (event: string, kid: string): Promise<void> => void recorded.push(`${event} ${kid}`);
  const [one, other] = [createSigningKeys(store, now), createSigningKeys(store, now)];
  return { connection, store, clock, one, other, recorded, rotation: createSigningKeyRotation(store, record, now) };
}

type Keys = ReturnType<typeof createSigningKeys>;

async function sign(keys: Keys): Promise<{ readonly kid: string; readonly token: string }> {
  const { kid, key } = await keys.current();
  const token = await new SignJWT({}).setProtectedHeader({ alg: SIGNING_ALGORITHM, kid }).sign(key);
  return { kid, token };
}

const verifies = async (keys: Keys, token: string): Promise<boolean> =>
  jwtVerify(token, keys.verificationKeys).then(
    () => true,
    () => false,
  );

const published = async (keys: Keys): Promise<unknown[]> => (await keys.publicKeys()).keys.map(({ kid }) => kid);

test('a new key is published before it signs, and the old one verifies until its last token has expired', async (context) => {
  const { one, other, rotation, clock } = await twoProcesses(context);
  const first = await sign(one);
  const next = await rotation.rotate('soon');
  clock.now += 10_001;
  assert.deepEqual(await published(other), [next, first.kid]);
  assert.equal((await sign(other)).kid, first.kid, 'not yet');
  assert.deepEqual(
    (await rotation.list()).map(({ state }) => state),
    ['next', 'signs'],
  );

  clock.now += 10 * MINUTE;
  const second = await sign(one);
  assert.equal(second.kid, next);
  assert.ok((await verifies(other, first.token)) && (await verifies(other, second.token)));
  assert.deepEqual(await rotation.maintain(SETTINGS), { added: [], dropped: [] });

  clock.now += 66 * MINUTE;
  assert.deepEqual(await rotation.maintain(SETTINGS), { added: [], dropped: [first.kid] });
  clock.now += 10_001;
  assert.deepEqual([await verifies(one, first.token), await verifies(other, second.token)], [false, true]);
});

test('by its schedule a key gets one successor when it is old, whatever number of processes look after it', async (context) => {
  const { one, other, store, clock, rotation } = await twoProcesses(context);
  const first = await sign(one);
  const otherRotation = createSigningKeyRotation(
    store,
    async () => undefined,
    () => clock.now,
  );
  clock.now += 89 * DAY;
  assert.deepEqual(await rotation.maintain(SETTINGS), { added: [], dropped: [] });
  clock.now += DAY;
  assert.deepEqual(await rotation.maintain({ ...SETTINGS, rotateAfterMs: 0 }), { added: [], dropped: [] });
  const both = await Promise.all([rotation.maintain(SETTINGS), otherRotation.maintain(SETTINGS)]);
  const added = both.flatMap((each) => each.added);
  assert.equal(added.length, 1);
  assert.deepEqual(await rotation.maintain(SETTINGS), { added: [], dropped: [] });
  clock.now += 11 * MINUTE;
  assert.deepEqual([(await sign(other)).kid, await verifies(other, first.token)], [added[0], true]);
});

test('what a dropped key signed is refused by every process, and another key signs at once', async (context) => {
  const { one, other, rotation, recorded, clock } = await twoProcesses(context);
  const leaked = await sign(one);
  assert.ok(await verifies(other, leaked.token));
  const [successor] = await rotation.drop(leaked.kid);
  assert.deepEqual(recorded, [`signing-key-rotated ${successor}`, `signing-key-dropped ${leaked.kid}`]);
  clock.now += 10_001;
  assert.deepEqual([await verifies(one, leaked.token), await verifies(other, leaked.token)], [false, false]);
  const renewed = await sign(one);
  assert.equal(renewed.kid, successor);
  assert.ok(await verifies(other, renewed.token));
  await assert.rejects(rotation.drop(leaked.kid), { code: 'NOT_FOUND' });
});

test('a key that signs at once is known to a process that looked a moment ago', async (context) => {
  const { one, other, store, rotation, clock } = await twoProcesses(context);
  const first = await sign(one);
  await verifies(other, first.token);
  const kid = await rotation.rotate('at once');
  clock.now += 1_000;
  const renewed = await sign(createSigningKeys(store, () => clock.now));
  assert.equal(renewed.kid, kid);
  assert.deepEqual([await verifies(other, renewed.token), await verifies(other, first.token)], [true, true]);
});

test('keys that the older release stored sign on, and are rotated', async (context) => {
  const { connection, one, rotation, clock } = await twoProcesses(context);
  const { kid } = await sign(one);
  await connection.collection('signing-keys').updateOne({ _id: kid as never }, { $unset: { signsFrom: '' } });
  assert.deepEqual(
    (await rotation.list()).map(({ state }) => state),
    ['signs'],
  );
  clock.now += 90 * DAY;
  assert.equal((await rotation.maintain(SETTINGS)).added.length, 1);
});
