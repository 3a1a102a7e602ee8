import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startInstallation, type TestInstallation } from '../../end-to-end/installation.ts';
import { CORE, ENTERPRISE, errorOf, newTenant1 } from './client.ts';

type Tenant = Awaited<ReturnType<typeof newTenant1>>;

let provost: TestInstallation;
let tenant: Tenant;
let strict: Tenant;
before(async () => {
  provost = await startInstallation({ env: { PROVOST_BULK_MAX_PAYLOAD_BYTES: '20000' } });
  [tenant, strict] = await Promise.all([
    newTenant1(provost.url, { mode: 'persist' }),
    newTenant1(provost.url, { mode: 'persist', conformance: 'strict' }),
  ]);
});
after(() => provost.stop());

let count = 0;
const named = (prefix: string): string => {
  count += 1;
  return `${prefix}-${count}`;
};

async function userOf({ scim1 }: Tenant, body: Record<string, unknown> = {}) {
  const answer = await scim1('POST', '/Users', { schemas: [CORE], userName: named('u'), ...body });
  assert.equal(answer.status, 201, answer.text);
  return { body: answer.body, path: `/Users/${answer.body['id']}`, id: String(answer.body['id']) };
}

/** Words of SCIM 2.0 that a client of 1.1 knows nothing of. */
const FOREIGN = /Operations\[|PatchOp|urn:ietf|RFC 7644|Operations must/;

test('a PATCH of nothing changes nothing, in JSON, XML and Bulk', async () => {
  const { path, body } = await userOf(tenant, { title: 'Guide' });
  const version = (body['meta'] as Record<string, unknown>)['version'];
  for (const nothing of [
    { schemas: [CORE] },
    {},
    { schemas: [CORE], meta: { attributes: [] } },
    { id: 'other' },
    { groups: [{ value: 'g' }] },
  ]) {
    const answer = await tenant.scim1('PATCH', path, nothing);
    assert.equal(answer.status, 200, `${JSON.stringify(nothing)} ${answer.text}`);
    assert.equal((answer.body['meta'] as Record<string, unknown>)['version'], version);
  }
  assert.equal((await tenant.xml('PATCH', path, `<User xmlns="${CORE}"/>`)).status, 200);
  for (const client of [tenant, strict]) {
    const { path: own } = await userOf(client);
    const bulk = await client.scim1('POST', '/Bulk', {
      schemas: [CORE],
      Operations: [{ method: 'PATCH', path: own, data: { schemas: [CORE] } }],
    });
    assert.deepEqual(
      (bulk.body['Operations'] as { status: { code: string } }[])[0]?.status,
      { code: '200' },
      bulk.text,
    );
  }
});

test('what is wrong with a request is said in words of 1.1, in Bulk too', async () => {
  for (const client of [tenant, strict]) {
    const { path } = await userOf(client);
    const bad = [
      { [ENTERPRISE]: 'x' },
      { title: { a: 1 } },
      { active: 'perhaps' },
      { emails: [{ value: {} }] },
      { meta: { attributes: ['name.shoeSize'] } },
      { meta: { attributes: ['groups'] } },
      { [ENTERPRISE]: { manager: { managerId: {} } } },
      { password: '' },
      { userName: '  ' },
      null,
    ];
    for (const data of bad) {
      const answer = await client.scim1('PATCH', path, JSON.stringify(data));
      assert.equal(answer.status, 400, `${JSON.stringify(data)} ${answer.text}`);
      assert.doesNotMatch(errorOf(answer).description, FOREIGN, JSON.stringify(data));
    }
    for (const data of bad.slice(0, -1)) {
      const bulk = await client.scim1('POST', '/Bulk', {
        schemas: [CORE],
        Operations: [{ method: 'PATCH', path, data }],
      });
      const [outcome] = bulk.body['Operations'] as { status: { code: string; description: string } }[];
      assert.equal(outcome?.status.code, '400', JSON.stringify(data));
      assert.doesNotMatch(outcome?.status.description ?? '', FOREIGN, JSON.stringify(data));
    }
    for (const data of [
      { schemas: 'x', userName: '' },
      { schemas: [CORE] },
      [],
      { schemas: [CORE], userName: 'x', [ENTERPRISE]: 7 },
    ]) {
      const answer = await client.scim1('POST', '/Users', data);
      assert.equal(answer.status, 400, answer.text);
      assert.doesNotMatch(errorOf(answer).description, FOREIGN);
    }
  }
});

test('what no schema has is named where it is left out, and refused where nothing else is asked for', async () => {
  const { path } = await userOf(tenant);
  const answer = await tenant.scim1('PATCH', path, { title: 'x', shoe: 44, [ENTERPRISE]: { hat: 7 } });
  assert.deepEqual(
    [answer.status, answer.headers.get('provost-ignored')],
    [200, `shoe, ${ENTERPRISE}:hat`],
    answer.text,
  );
  assert.equal((await tenant.scim1('PATCH', path, { schemas: [CORE], shoe: 44 })).status, 400);
  const made = await tenant.scim1('POST', '/Users', { userName: named('u'), shoe: 44 });
  assert.deepEqual([made.status, made.headers.get('provost-ignored')], [201, 'shoe']);
  const bulk = await tenant.scim1('POST', '/Bulk', {
    schemas: [CORE],
    Operations: [
      { method: 'PATCH', path, data: { title: 'y', shoe: 44 } },
      { method: 'POST', path: '/Users', bulkId: 'a', data: { userName: named('u'), hat: 7 } },
    ],
  });
  assert.equal(bulk.headers.get('provost-ignored'), 'shoe, hat');
  const { path: own } = await userOf(strict);
  assert.equal((await strict.scim1('PATCH', own, { title: 'x', shoe: 44 })).status, 400);
});

test('a value to delete is told by its value alone', async () => {
  const { path } = await userOf(tenant, {
    emails: [
      { value: 'a@x.example', type: 'home' },
      { value: 'b@x.example', type: 'work' },
    ],
  });
  const answer = await tenant.scim1('PATCH', path, {
    schemas: [CORE],
    emails: [{ value: 'A@x.example', type: 'work', operation: 'delete' }],
  });
  assert.deepEqual(answer.body['emails'], [{ value: 'b@x.example', type: 'work' }]);
  const xml = `<User xmlns="${CORE}"><emails><email operation="delete"><value>b@x.example</value><type>other</type></email></emails></User>`;
  assert.equal((await tenant.xml('PATCH', path, xml)).status, 200);
  assert.equal((await tenant.scim1('GET', path)).body['emails'], undefined);
});

test('XML names attributes to remove as values or as text', async () => {
  const names = (...inner: string[]) =>
    `<User xmlns="${CORE}"><meta><attributes>${inner.join('')}</attributes></meta></User>`;
  for (const body of [
    names('<attribute><value>title</value></attribute>', '<attribute><value>nickName</value></attribute>'),
    names('<attribute><value>title</value><value>nickName</value></attribute>'),
    names('<attribute>title</attribute>', '<attribute>nickName</attribute>'),
  ]) {
    const { path } = await userOf(tenant, { title: 'Guide', nickName: 'Mo', displayName: 'Maya' });
    const answer = await tenant.xml('PATCH', path, body);
    assert.equal(answer.status, 200, answer.text);
    const { title, nickName, displayName } = (await tenant.scim1('GET', path)).body;
    assert.deepEqual([title, nickName, displayName], [undefined, undefined, 'Maya'], body);
  }
});

test('a bulk request that is too large is refused with the limit named', async () => {
  const answer = await tenant.scim1('POST', '/Bulk', {
    schemas: [CORE],
    Operations: [
      { method: 'POST', path: '/Users', bulkId: 'a', data: { userName: named('u'), title: 'x'.repeat(20_000) } },
    ],
  });
  assert.equal(answer.status, 413, answer.text);
  assert.match(errorOf(answer).description, /maxPayloadSize \(20000\)/);
});

test('quotes of other kinds are quotes, and a dot may follow a URN, unless the client is taken by the letter', async () => {
  const name = named("o'neil");
  const { id } = await userOf(tenant, { userName: name, [ENTERPRISE]: { department: 'Tours' } });
  for (const filter of [
    `userName Eq '${name}'`,
    `userName eq \u201cPRIMARY/${name}\u201d`,
    `${ENTERPRISE}.department eq Tours and userName eq "${name}"`,
    `(userName eq ${name}) and emails[type eq 'work'] pr`.replace(/ and .*/, ''),
  ])
    assert.deepEqual(
      (await tenant.find('Users', { filter })).Resources.map((user) => user['id']),
      [id],
      filter,
    );
  for (const filter of ["userName eq 'x'", 'userName eq \u201cx\u201d', 'userName eq x']) {
    const answer = await strict.scim1('GET', `/Users?${new URLSearchParams({ filter })}`);
    assert.equal(answer.status, 400, filter);
  }
});

test('blank names, empty passwords and an empty If-Match are refused; blanks around a name are trimmed', async () => {
  const post = (body: object) => tenant.scim1('POST', '/Users', { schemas: [CORE], ...body });
  assert.equal((await post({ userName: '  ' })).status, 400);
  assert.equal((await post({ userName: 'PRIMARY/  ' })).status, 400);
  assert.equal((await post({ userName: named('u'), password: '' })).status, 400);
  assert.equal((await tenant.scim1('POST', '/Groups', { schemas: [CORE], displayName: '\t' })).status, 400);
  const name = named('maya');
  const { path, body } = await userOf(tenant, { userName: ` ${name} ` });
  assert.equal(body['userName'], name);
  assert.equal((await post({ userName: name })).status, 409);
  assert.equal((await tenant.scim1('PATCH', path, { title: 'x' }, { 'if-match': '' })).status, 400);
  assert.equal((await strict.scim1('POST', '/Users', { schemas: [CORE], userName: ' x' })).status, 400);
});
