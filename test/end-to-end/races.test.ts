import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startInstallation, type TestInstallation } from './installation.ts';
import { type FaultySandbox, startFaultySandbox } from './sandbox.ts';
import { type Answer, newTenant, patchOf, replacing, settled } from './tenant.ts';

let provost: TestInstallation;
let sandbox: FaultySandbox;

before(async () => {
  [provost, sandbox] = await Promise.all([startInstallation(), startFaultySandbox()]);
});
after(async () => {
  await provost.stop();
  await sandbox.stop();
});

const times = <T>(count: number, make: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => make(index)));

test('of 100 concurrent creates of one user name one is made, 99 are conflicts, and one account is at the target', async () => {
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish] });
  const answers = await times(100, (index) =>
    tenant.scim('POST', '/Users', { userName: index % 2 === 0 ? 'crowd' : 'CROWD', title: `Clerk ${index}` }),
  );
  const counts = Object.groupBy(answers, ({ status }) => String(status));
  assert.deepEqual(
    Object.entries(counts)
      .map(([status, each]) => [status, each?.length])
      .sort(),
    [
      ['201', 1],
      ['409', 99],
    ],
  );
  await settled(tenant, counts['201']?.[0] as Answer);
  const accounts = await sandbox.accounts('crowd');
  assert.deepEqual(
    accounts.map((account) => account['title']),
    [counts['201']?.[0]?.body['title']],
  );
  assert.equal((await tenant.scim('GET', '/Users')).body['totalResults'], 1);
});

test('PATCHes of one user at the same time are all applied, one after another, and the target ends with all', async () => {
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish] });
  const created = await tenant.scim('POST', '/Users', { userName: 'busy' });
  const path = `/Users/${created.body['id']}`;
  const answers = await times(20, (index) =>
    tenant.scim('PATCH', path, patchOf({ op: 'add', path: 'emails', value: [{ value: `m${index}@example.com` }] })),
  );
  for (const [index, answer] of answers.entries()) {
    assert.equal(answer.status, 200, answer.text);
    // The answer shows the resource as it stands: at least this change, perhaps later ones.
    assert.ok(answer.text.includes(`"m${index}@example.com"`), `${index}: ${answer.text}`);
    assert.equal(answer.headers.get('etag'), (answer.body['meta'] as { version: string }).version);
  }
  const read = await tenant.scim('GET', path);
  assert.equal(read.headers.get('etag'), 'W/"21"', 'each change is a version');
  assert.equal((read.body['emails'] as unknown[]).length, 20);
  for (const answer of answers) await settled(tenant, answer);
  const [account] = await sandbox.accounts('busy');
  assert.equal((account?.['emails'] as unknown[] | undefined)?.length, 20);
});

test('PATCHes sent one after another end with the last value, however few calls the target gets', async () => {
  const tenant = await newTenant(provost.url, { targets: [sandbox.wish] });
  const created = await tenant.scim('POST', '/Users', { userName: 'burst' });
  await settled(tenant, created);
  const from = sandbox.received.length;
  const answers: Answer[] = [];
  for (let index = 1; index <= 20; index += 1)
    answers.push(await tenant.scim('PATCH', `/Users/${created.body['id']}`, replacing('title', `T${index}`)));
  assert.deepEqual(
    answers.map(({ body }) => body['title']),
    answers.map((_, index) => `T${index + 1}`),
  );
  for (const answer of answers) await settled(tenant, answer);
  assert.equal((await sandbox.accounts('burst'))[0]?.['title'], 'T20');
  const sent = sandbox.received.slice(from).filter(({ method }) => method === 'PATCH').length;
  assert.ok(sent >= 1 && sent <= 20, `${sent} calls`);
});

test('a change that expects a version which no longer stands is refused and does nothing', async () => {
  const { scim } = await newTenant(provost.url, {});
  const created = await scim('POST', '/Users', { userName: 'guarded', title: 'Clerk' });
  const path = `/Users/${created.body['id']}`;
  const first = String(created.headers.get('etag'));
  assert.equal((await scim('PATCH', path, replacing('title', 'Head'), { 'if-match': first })).status, 200);
  for (const [method, body] of [
    ['PATCH', replacing('title', 'Chief')],
    ['PUT', { userName: 'guarded', title: 'Chief' }],
    ['DELETE', undefined],
  ] as const) {
    const stale = await scim(method, path, body, { 'if-match': first });
    assert.equal(stale.status, 412, `${method}: ${stale.text}`);
    assert.deepEqual(stale.body['schemas'], ['urn:ietf:params:scim:api:messages:2.0:Error']);
  }
  assert.equal((await scim('GET', path)).body['title'], 'Head');
});

test('of changes at the same time that expect the same version, one wins', async () => {
  const { scim } = await newTenant(provost.url, {});
  const created = await scim('POST', '/Users', { userName: 'contested' });
  const path = `/Users/${created.body['id']}`;
  const etag = String(created.headers.get('etag'));
  const answers = await times(8, (index) => scim('PATCH', path, replacing('title', `T${index}`), { 'if-match': etag }));
  const won = answers.filter(({ status }) => status === 200);
  assert.equal(won.length, 1);
  assert.equal(answers.filter(({ status }) => status === 412).length, 7);
  assert.equal((await scim('GET', path)).body['title'], won[0]?.body['title']);
});

test('changes of different users do not wait for one another', async () => {
  const tenant = await newTenant(provost.url, { targets: [{ ...sandbox.wish, blocking: true }] });
  sandbox.fail(({ body }) => (body.includes('"slow"') ? { kind: 'hang' } : undefined));
  const slow = tenant.scim('POST', '/Users', { userName: 'slow' });
  const quick = await times(5, (index) => tenant.scim('POST', '/Users', { userName: `quick${index}` }));
  assert.deepEqual(
    quick.map(({ status }) => status),
    [201, 201, 201, 201, 201],
  );
  let isAnswered = false;
  void slow.then(() => {
    isAnswered = true;
  });
  assert.equal(isAnswered, false);
  sandbox.heal();
  assert.equal((await slow).status, 201, 'the request that hung is given up and looked for');
  assert.equal((await sandbox.accounts('slow')).length, 1);
});
