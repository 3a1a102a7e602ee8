import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { startInstallation, type TestInstallation } from '../end-to-end/installation.ts';
import { assertError, type Json, LIST, newService, USER } from './scim-client.ts';

// Okta's own suites for SCIM 2.0 servers, step by step as Okta describes them (peers.md 3.4 no. 20).

let provost: TestInstallation;
before(async () => {
  provost = await startInstallation();
});
after(async () => {
  await provost.stop();
});

const OKTA = {
  'accept-charset': 'utf-8',
  'content-type': 'application/scim+json; charset=utf-8',
  accept: 'application/scim+json',
  'user-agent': 'OKTA SCIM Integration',
};
const POSTED = { 'content-type': 'application/json', accept: 'application/scim+json; charset=utf-8' };

const person = (name: string) => ({
  schemas: [USER],
  userName: `${name}@example.com`,
  name: { givenName: 'Runscope', familyName: 'Tester' },
  emails: [{ primary: true, value: `${name}@example.com`, type: 'work' }],
  displayName: 'Runscope Tester',
  active: true,
});

const assertPerson = (body: Json = {}): void => {
  const name = body['name'] as Json;
  const [email] = body['emails'] as Json[];
  for (const value of [body['id'], body['userName'], name['familyName'], name['givenName'], email?.['value']])
    assert.ok(typeof value === 'string' && value !== '', JSON.stringify(body));
  assert.equal(typeof body['active'], 'boolean');
};

test('Okta 3.4 no. 20: the SPEC suite', async (t) => {
  const { send, user } = await newService(provost.url);
  const existing = await user(person('existing'));
  const byName = (userName: string) => `/Users?filter=${encodeURIComponent(`userName eq "${userName}"`)}`;
  const name = `r${randomUUID()}`;
  let made = '';

  await t.test('Users endpoint', async () => {
    const { status, body } = await send('GET', '/Users?count=1&startIndex=1', undefined, OKTA);
    assert.equal(status, 200);
    assert.deepEqual(body['schemas'], [LIST]);
    for (const number of ['itemsPerPage', 'startIndex', 'totalResults']) assert.equal(typeof body[number], 'number');
    assertPerson((body['Resources'] as Json[])[0]);
  });
  await t.test('a user by id', async () => {
    const { status, body } = await send('GET', `/Users/${existing.id}`, undefined, OKTA);
    assert.deepEqual([status, body['id']], [200, existing.id]);
    assertPerson(body);
  });
  await t.test('an invalid user by user name', async () => {
    const { status, body } = await send('GET', byName('abcdefgh@atko.com'), undefined, OKTA);
    assert.deepEqual([status, body['schemas'], body['totalResults']], [200, [LIST], 0]);
  });
  await t.test('an invalid user by id', async () => {
    assertError(await send('GET', '/Users/00919288221112222', undefined, OKTA), 404);
  });
  await t.test('a random user does not exist', async () => {
    assert.equal((await send('GET', byName(`${name}@example.com`), undefined, OKTA)).body['totalResults'], 0);
  });
  await t.test('create a user with realistic values', async () => {
    const { status, body } = await send('POST', '/Users', person(name), POSTED);
    assert.equal(status, 201);
    assertPerson(body);
    assert.deepEqual([body['active'], body['userName']], [true, `${name}@example.com`]);
    assert.ok((body['schemas'] as string[]).includes(USER));
    made = String(body['id']);
  });
  await t.test('the user was created', async () => {
    const { status, body } = await send('GET', `/Users/${made}`, undefined, OKTA);
    assert.deepEqual([status, body['userName']], [200, `${name}@example.com`]);
    assert.deepEqual(body['name'], { givenName: 'Runscope', familyName: 'Tester' });
  });
  await t.test('creating the same user again fails', async () => {
    assertError(await send('POST', '/Users', person(name), POSTED), 409, 'uniqueness');
  });
  await t.test('user names are found in capitals', async () => {
    const { body } = await send('GET', byName(`${name}@EXAMPLE.COM`.toUpperCase()), undefined, OKTA);
    assert.equal(body['totalResults'], 1);
  });
  await t.test('Groups endpoint', async () => {
    const { status, body } = await send('GET', '/Groups', undefined, OKTA);
    assert.deepEqual([status, body['schemas']], [200, [LIST]]);
    for (const number of ['itemsPerPage', 'startIndex', 'totalResults']) assert.equal(typeof body[number], 'number');
  });
  await t.test('status 401', async () => {
    assertError(await send('GET', byName('x'), undefined, { ...OKTA, authorization: 'non-token' }), 401);
  });
  await t.test('status 404', async () => {
    assertError(await send('GET', '/Users/00919288221112222', undefined, OKTA), 404);
  });
});

for (const dialect of ['PATCH', 'PUT'] as const)
  test(`Okta 3.4 no. 20: the CRUD suite, by ${dialect}`, async (t) => {
    const { send, found } = await newService(provost.url);
    const name = `crud-${randomUUID()}@example.com`;
    const okta = { ...person('x'), userName: name, externalId: '00ujl29u0le5T6Aj10h7', locale: 'en-US', groups: [] };
    /** What Okta does to change one thing: a PATCH without a path, or all of it put back as it was read. */
    const change = async (path: string, changed: Json): Promise<Json> => {
      const answer =
        dialect === 'PATCH'
          ? await send('PATCH', path, {
              schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
              Operations: [{ op: 'replace', value: changed }],
            })
          : await send('PUT', path, { ...(await send('GET', path)).body, ...changed });
      assert.equal(answer.status, 200, answer.text);
      return (await send('GET', path)).body;
    };
    let path = '';

    await t.test('a user who is assigned is created', async () => {
      assert.deepEqual(await found('/Users', `userName eq "${name}"`), []);
      const { status, body, text } = await send('POST', '/Users', { ...okta, password: '1mz050nq' });
      assert.equal(status, 201);
      assert.ok(!text.includes('1mz050nq'));
      path = `/Users/${body['id']}`;
      assert.deepEqual(await found('/Users', `userName eq "${name}"`), [body['id']]);
    });
    await t.test('an attribute is updated', async () => {
      const body = await change(path, { name: { givenName: 'Updated', familyName: 'Tester' } });
      assert.deepEqual(body['name'], { givenName: 'Updated', familyName: 'Tester' });
      assert.deepEqual([body['userName'], body['externalId']], [name, okta.externalId]);
    });
    for (const active of [false, true, false])
      await t.test(`the user is ${active ? 'activated again' : 'deactivated'}`, async () => {
        const body = await change(path, { active });
        assert.deepEqual([body['active'], body['userName']], [active, name]);
      });
    await t.test('who is deactivated is still found', async () => {
      assert.equal((await found('/Users', `userName eq "${name}"`)).length, 1);
    });
  });
