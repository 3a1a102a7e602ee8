import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startInstallation, type TestInstallation } from '../end-to-end/installation.ts';
import { assertError, ENTERPRISE, GROUP, type Json, membersOf, newService, type Service, USER } from './scim-client.ts';

// Requests from public reports of clients and servers, each with its right answer.

let provost: TestInstallation;
let tolerant: Service;
let strict: Service;
before(async () => {
  provost = await startInstallation();
  [tolerant, strict] = await Promise.all([newService(provost.url), newService(provost.url, { conformance: 'strict' })]);
});
after(() => provost.stop());

const BULK = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

let count = 0;
const named = (prefix: string): string => {
  count += 1;
  return `${prefix}-${count}`;
};

const userOf = async (service: Service, body: Json = {}) => {
  const made = await service.user({ userName: named('u'), ...body });
  return { made, path: `/Users/${made.id}`, id: made.id };
};

/** Sends one operation in a bulk request. @returns how it ended */
async function inBulk(
  service: Service,
  operation: object,
): Promise<{ readonly status: string; readonly response?: Json }> {
  const { status, body, text } = await service.send('POST', '/Bulk', { schemas: [BULK], Operations: [operation] });
  assert.equal(status, 200, text);
  return (body['Operations'] as { status: string; response?: Json }[])[0] ?? assert.fail();
}

test('single and typographic quotes are quotes, and refused where a client is taken by the letter', async () => {
  const name = named("o'neil");
  const { id, path } = await userOf(tolerant, { userName: name, title: 'It' });
  for (const value of [
    `'${name}'`,
    `\u2018${name}\u2019`,
    `\u201c${name}\u201d`,
    `'${name.replace("'", "\\'")}'`,
    `"${name}"`,
  ])
    assert.deepEqual(await tolerant.found('/Users', `userName eq ${value}`), [id], value);
  assert.deepEqual(await tolerant.found('/Users', `(userName eq '${name}') and title eq 'It'`), [id]);
  assertError(
    await tolerant.send('GET', `/Users?filter=${encodeURIComponent("userName eq 'x")}`),
    400,
    'invalidFilter',
  );
  for (const value of ["'x'", '\u201cx\u201d', '\u2018x\u2019'])
    assertError(
      await strict.send('GET', `/Users?filter=${encodeURIComponent(`userName eq ${value}`)}`),
      400,
      'invalidFilter',
    );

  const op = (quoted: string) => ({ op: 'replace', path: `emails[type eq ${quoted}].value`, value: 'b@x.example' });
  for (const quoted of ["'work'", '\u201cwork\u201d']) {
    await tolerant.patch(path, { op: 'replace', path: 'emails', value: [{ type: 'work', value: 'a@x.example' }] });
    assert.equal((await tolerant.patch(path, op(quoted))).status, 200);
    assert.deepEqual((await tolerant.read(path))['emails'], [{ type: 'work', value: 'b@x.example' }]);
    const asKey = { op: 'replace', value: { [op(quoted).path]: 'c@x.example' } };
    assert.equal((await tolerant.patch(path, asKey)).status, 200);
    assert.deepEqual((await tolerant.read(path))['emails'], [{ type: 'work', value: 'c@x.example' }]);
    const other = await userOf(strict);
    assertError(await strict.patch(other.path, op(quoted)), 400, 'invalidPath');
    const { status, response } = await inBulk(strict, {
      method: 'PATCH',
      path: other.path,
      data: { schemas: [PATCH], Operations: [op(quoted)] },
    });
    assert.deepEqual([status, response?.['scimType']], ['400', 'invalidPath']);
  }
});

test('a member is removed by a path with single quotes, in Bulk by a bulkId too', async () => {
  const a = await userOf(tolerant);
  const b = await userOf(tolerant);
  const group = await tolerant.group({ displayName: named('g'), members: [{ value: a.id }, { value: b.id }] });
  const removed = await tolerant.patch(`/Groups/${group.id}`, { op: 'remove', path: `members[value eq '${a.id}']` });
  assert.equal(removed.status, 204, removed.text);
  assert.deepEqual(membersOf(await tolerant.read(`/Groups/${group.id}`)), [b.id]);

  const { body } = await tolerant.send('POST', '/Bulk', {
    schemas: [BULK],
    Operations: [
      { method: 'POST', path: '/Users', bulkId: 'c', data: { schemas: [USER], userName: named('c') } },
      {
        method: 'PATCH',
        path: `/Groups/${group.id}`,
        data: { schemas: [PATCH], Operations: [{ op: 'add', path: 'members', value: [{ value: 'bulkId:c' }] }] },
      },
      {
        method: 'PATCH',
        path: `/Groups/${group.id}`,
        data: { schemas: [PATCH], Operations: [{ op: 'remove', path: "members[value eq 'bulkId:c']" }] },
      },
    ],
  });
  assert.deepEqual(
    (body['Operations'] as Json[]).map(({ status }) => status),
    ['201', '200', '200'],
  );
  assert.deepEqual(membersOf(await tolerant.read(`/Groups/${group.id}`)), [b.id]);
});

test('another value at a read-only path is refused whatever stands beside it, and the value that it has is no change', async () => {
  const { path, id, made } = await userOf(tolerant, { title: 'Clerk' });
  const group = await tolerant.group({ displayName: named('g'), members: [{ value: id }] });
  const meta = made['meta'] as Json;
  const title = { op: 'replace', path: 'title', value: 'Head' };
  const wrong = [
    { op: 'replace', path: 'id', value: 'other' },
    { op: 'add', path: 'id', value: 'other' },
    { op: 'remove', path: 'id' },
    { op: 'replace', path: 'meta.created', value: '2001-01-01T00:00:00Z' },
    { op: 'replace', path: 'meta', value: { resourceType: 'Group' } },
    { op: 'replace', path: 'groups', value: [] },
    { op: 'add', path: 'groups', value: [{ value: 'other' }] },
    { op: 'replace', path: 'schemas', value: ['urn:x:y'] },
    { op: 'remove', path: 'groups' },
  ];
  for (const operation of wrong) {
    for (const operations of [[title, operation], [operation, title], [operation]])
      assertError(await tolerant.patch(path, ...operations), 400, 'mutability');
    const { status, response } = await inBulk(tolerant, {
      method: 'PATCH',
      path,
      data: { schemas: [PATCH], Operations: [title, operation] },
    });
    assert.deepEqual([status, response?.['scimType']], ['400', 'mutability'], JSON.stringify(operation));
  }
  assert.equal((await tolerant.read(path))['title'], 'Clerk');
  const right = [
    { op: 'replace', path: 'id', value: id },
    { op: 'replace', path: 'meta.created', value: meta['created'] },
    { op: 'replace', path: 'meta', value: { resourceType: 'User' } },
    { op: 'replace', path: 'schemas', value: [USER] },
    { op: 'replace', path: 'groups', value: [{ value: group.id }] },
    { op: 'add', path: 'groups', value: { value: group.id } },
    { op: 'replace', path: `groups[value eq "${group.id}"].type`, value: 'direct' },
  ];
  for (const operation of right) {
    const before = (await tolerant.send('GET', path)).headers.get('etag');
    const alone = await tolerant.patch(path, operation);
    assert.equal(alone.status, 200, `${JSON.stringify(operation)} ${alone.text}`);
    assert.equal(alone.headers.get('etag'), before);
  }
  const all = await tolerant.patch(path, title, ...right);
  assert.deepEqual([all.status, all.body['title']], [200, 'Head'], all.text);
  const bulk = await inBulk(tolerant, {
    method: 'PATCH',
    path,
    data: { schemas: [PATCH], Operations: [right[0], { ...title, value: 'Chief' }] },
  });
  assert.equal(bulk.status, '200', JSON.stringify(bulk));
  // As Okta sends them.
  const okta = await tolerant.patch(path, { op: 'replace', value: { id: 'other', title: 'Guide' } });
  assert.deepEqual([okta.status, okta.body['title']], [200, 'Guide'], okta.text);
  assertError(await tolerant.patch('/Users/none', title, { op: 'replace', path: 'id', value: 'none' }), 404);
});

test('WSO2\u2019s samples are understood: an extension by its short name, operators in any case, names with their domain', async () => {
  const name = named('kim');
  const sample = {
    schemas: [],
    userName: `PRIMARY/${name}`,
    EnterpriseUser: { employeeNumber: '1234A', manager: { value: 'Taylor' } },
  };
  const made = await tolerant.send('POST', '/Users', sample);
  assert.equal(made.status, 201, made.text);
  assert.equal(made.body['userName'], name);
  assert.deepEqual(made.body[ENTERPRISE], { employeeNumber: '1234A', manager: { value: 'Taylor' } });
  const id = String(made.body['id']);
  for (const filter of [
    `userName Eq PRIMARY/${name}`,
    `userName EQ "primary/${name}"`,
    `userName eq ${name}`,
    `EnterpriseUser.employeeNumber eq 1234A and userName eq '${name}'`,
    `${ENTERPRISE}.employeeNumber eq "1234A" and userName eq "${name}"`,
  ])
    assert.deepEqual(await tolerant.found('/Users', filter), [id], filter);
  const group = await tolerant.group({ displayName: named('PRIMARY/Sales Team') });
  assert.deepEqual(await tolerant.found('/Groups', `displayName Eq ${String(group['displayName'])}`), [group.id]);
  const patched = await tolerant.patch(`/Users/${id}`, { op: 'replace', path: 'userName', value: `PRIMARY/${name}-2` });
  assert.equal(patched.body['userName'], `${name}-2`, patched.text);
  assertError(await tolerant.send('POST', '/Users', { userName: 'PRIMARY/' }), 400, 'invalidValue');

  const refused = await strict.send('POST', '/Users', { ...sample, schemas: [USER] });
  assertError(refused, 400, 'invalidSyntax');
  assert.match(String(refused.body['detail']), /EnterpriseUser .*urn:ietf:params:scim:schemas:extension:enterprise/);
  const kept = await strict.send('POST', '/Users', { schemas: [USER], userName: `PRIMARY/${name}` });
  assert.deepEqual([kept.status, kept.body['userName']], [201, `PRIMARY/${name}`]);
});

test('a dot after a URN is understood in paths, keys, filters and selections, and named where a client is taken by the letter', async () => {
  const { path, id } = await userOf(tolerant);
  const title = { op: 'replace', path: 'title', value: 'Head' };
  const dotted = await tolerant.patch(path, title, { op: 'replace', path: `${ENTERPRISE}.employeeNumber`, value: '7' });
  assert.deepEqual(dotted.body[ENTERPRISE], { employeeNumber: '7' }, dotted.text);
  const deep = await tolerant.patch(
    path,
    { op: 'add', path: `${USER}.name.givenName`, value: 'Kim' },
    { op: 'add', path: `${USER}.emails[type eq "work"].value`, value: 'kim@x.example' },
    { op: 'add', value: { [`${ENTERPRISE}.department`]: 'Tours', [`${USER}.nickName`]: 'K' } },
    { op: 'add', path: `${ENTERPRISE}.manager.value`, value: 'm-1' },
  );
  assert.equal(deep.status, 200, deep.text);
  const { name, emails, nickName, [ENTERPRISE]: enterprise } = deep.body as Record<string, Json>;
  assert.deepEqual([name, nickName], [{ givenName: 'Kim' }, 'K']);
  assert.deepEqual(emails, [{ type: 'work', value: 'kim@x.example' }]);
  assert.deepEqual(enterprise, { employeeNumber: '7', department: 'Tours', manager: { value: 'm-1' } });
  assert.deepEqual(await tolerant.found('/Users', `${ENTERPRISE}.manager.value eq "m-1" and id eq "${id}"`), [id]);
  const selected = await tolerant.read(`${path}?attributes=${ENTERPRISE}.department`);
  assert.deepEqual(selected[ENTERPRISE], { department: 'Tours' });
  const made = await tolerant.user({ userName: named('k'), [`${ENTERPRISE}.costCenter`]: '12' });
  assert.deepEqual(made[ENTERPRISE], { costCenter: '12' });

  const other = await userOf(strict);
  const refused = await strict.patch(other.path, { op: 'replace', path: `${ENTERPRISE}.employeeNumber`, value: '7' });
  assertError(refused, 400, 'invalidPath');
  assert.match(String(refused.body['detail']), /must be written urn:.*:User:employeeNumber/);
});

test('what cannot be understood is refused beside what can, and what is left out for Entra is named', async () => {
  const { path } = await userOf(tolerant, { title: 'Clerk' });
  const title = { op: 'replace', path: 'title', value: 'Head' };
  for (const bad of [
    'name.shoeSize',
    'title.x',
    'title[value eq "x"]',
    'emails.shoe',
    'urn:',
    'a..b',
    'emails[',
    'a b',
    '$.title',
    'department',
  ])
    assertError(await tolerant.patch(path, title, { op: 'replace', path: bad, value: 'x' }), 400, 'invalidPath');
  assert.equal((await tolerant.read(path))['title'], 'Clerk');
  const entra = await tolerant.patch(
    path,
    title,
    { op: 'Add', path: 'urn:example:params:2.0:User:shoe', value: '44' },
    { op: 'replace', value: { hat: 7 } },
  );
  assert.equal(entra.status, 200, entra.text);
  assert.equal(entra.headers.get('provost-ignored'), 'urn:example:params:2.0:User:shoe, hat');
  assertError(
    await tolerant.patch(
      path,
      { op: 'replace', path: 'id', value: path.slice(7) },
      { op: 'add', path: 'shoe', value: '44' },
    ),
    400,
    'invalidPath',
  );
  const made = await tolerant.send('POST', '/Users', { userName: named('u'), shoe: 44 });
  assert.deepEqual([made.status, made.headers.get('provost-ignored')], [201, 'shoe']);
  const bulk = await tolerant.send('POST', '/Bulk', {
    schemas: [BULK],
    Operations: [{ method: 'POST', path: '/Users', bulkId: 'a', data: { userName: named('u'), hat: 7 } }],
  });
  assert.deepEqual([bulk.status, bulk.headers.get('provost-ignored')], [200, 'hat']);
});

test('blank names are refused, blanks around a name are trimmed, by the letter refused', async () => {
  for (const blank of ['   ', '\t', '\u00a0', '\u3000 ']) {
    assertError(await tolerant.send('POST', '/Users', { userName: blank }), 400, 'invalidValue');
    assertError(await tolerant.send('POST', '/Groups', { displayName: blank }), 400, 'invalidValue');
    assert.equal(
      (await inBulk(tolerant, { method: 'POST', path: '/Users', bulkId: 'b', data: { userName: blank } })).status,
      '400',
    );
  }
  const name = named('x');
  const { path, made } = await userOf(tolerant, { userName: ` ${name}\u00a0` });
  assert.equal(made['userName'], name);
  assertError(await tolerant.send('POST', '/Users', { userName: name }), 409, 'uniqueness');
  assertError(await tolerant.send('POST', '/Users', { userName: `${name} ` }), 409, 'uniqueness');
  for (const operation of [
    { op: 'replace', path: 'userName', value: '  ' },
    { op: 'replace', value: { userName: '  ' } },
  ])
    assertError(await tolerant.patch(path, operation), 400, 'invalidValue');
  assertError(await tolerant.send('PUT', path, { userName: ' ' }), 400, 'invalidValue');
  const renamed = await tolerant.patch(path, { op: 'replace', path: 'userName', value: ` ${name}-2 ` });
  assert.equal(renamed.body['userName'], `${name}-2`, renamed.text);
  assertError(await strict.send('POST', '/Users', { schemas: [USER], userName: ' y' }), 400, 'invalidValue');
  assertError(await strict.send('POST', '/Groups', { schemas: [GROUP], displayName: 'y ' }), 400, 'invalidValue');
  // Of what tells nobody apart blanks are kept as they are.
  assert.equal((await userOf(tolerant, { title: ' Head ' })).made['title'], ' Head ');
});

test('an empty password is refused wherever it may stand', async () => {
  for (const service of [tolerant, strict]) {
    const { path } = await userOf(service, { password: 'Kept-as-it-is-1' });
    const answers = [
      await service.send('POST', '/Users', { schemas: [USER], userName: named('u'), password: '' }),
      await service.send('PUT', path, { schemas: [USER], userName: named('u'), password: '' }),
      await service.patch(path, { op: 'replace', path: 'password', value: '' }),
      await service.patch(
        path,
        { op: 'replace', path: 'title', value: 'x' },
        { op: 'add', path: 'password', value: '' },
      ),
    ];
    for (const answer of answers) assertError(answer, 400, 'invalidValue');
  }
  const { path } = await userOf(tolerant);
  assertError(await tolerant.patch(path, { op: 'replace', value: { title: 'x', password: '' } }), 400, 'invalidValue');
});

test('an empty If-Match is a bad request and writes nothing', async () => {
  const { path } = await userOf(tolerant, { title: 'Clerk' });
  const body = { schemas: [PATCH], Operations: [{ op: 'replace', path: 'title', value: 'Head' }] };
  for (const header of ['', '  ']) {
    assertError(await tolerant.send('PATCH', path, body, { 'if-match': header }), 400, 'invalidValue');
    assertError(
      await tolerant.send('PUT', path, { userName: named('u') }, { 'if-match': header }),
      400,
      'invalidValue',
    );
    assertError(await tolerant.send('DELETE', path, undefined, { 'if-match': header }), 400, 'invalidValue');
    assertError(await tolerant.send('GET', path, undefined, { 'if-match': header }), 400, 'invalidValue');
  }
  const { status } = await inBulk(tolerant, { method: 'PATCH', path, version: '', data: body });
  assert.equal(status, '400');
  assert.equal((await tolerant.read(path))['title'], 'Clerk');
});

test('a number that JSON cannot keep is not stored as another one', async () => {
  const post = (number: string) =>
    tolerant.send('POST', '/Users', `{"userName":"${named('n')}","${ENTERPRISE}":{"employeeNumber":${number}}}`);
  assertError(await post('12345678901234567890'), 400, 'invalidValue');
  assertError(await post('1e400'), 400, 'invalidValue');
  assert.deepEqual((await post('4711')).body[ENTERPRISE], { employeeNumber: '4711' });
});

test('messages say what was sent and what to send', async () => {
  const { path } = await userOf(tolerant);
  const detail = async (method: string, at: string, body: unknown, type = 'application/scim+json') => {
    const answer = await tolerant.send(method, at, body, { 'content-type': type });
    assertError(answer, 400, 'invalidSyntax');
    return String(answer.body['detail']);
  };
  assert.match(await detail('POST', '/Users', 'null'), /must be a JSON object/);
  assert.match(await detail('PATCH', path, 'null'), /must be a JSON object/);
  assert.match(await detail('POST', '/Bulk', 'null'), /must be a JSON object/);
  for (const body of [{ title: 'x' }, { schemas: ['urn:scim:schemas:core:1.0'], title: 'x' }])
    assert.match(await detail('PATCH', path, body), /PatchOp.*Operations/);
  assert.match(await detail('PATCH', path, { title: 'x' }, 'application/merge-patch+json'), /merge patch.*PatchOp/);
});

test('a conflict names the operation and the attribute', async () => {
  const taken = await userOf(tolerant);
  const { path } = await userOf(tolerant);
  const operations = (rename: object) => [{ op: 'replace', path: 'title', value: 'x' }, rename];
  for (const rename of [
    { op: 'replace', path: 'userName', value: taken.made['userName'] },
    { op: 'replace', value: { nickName: 'n', username: taken.made['userName'] } },
    { op: 'replace', path: `${USER}:userName`, value: taken.made['userName'] },
  ]) {
    const answer = await tolerant.patch(path, ...operations(rename));
    assertError(answer, 409, 'uniqueness');
    assert.match(String(answer.body['detail']), /Operations\[1\].*userName/, answer.text);
  }
  const { body } = await tolerant.send('POST', '/Bulk', {
    schemas: [BULK],
    Operations: [
      { method: 'POST', path: '/Users', bulkId: 'a', data: { userName: named('u') } },
      { method: 'POST', path: '/Users', bulkId: 'b', data: { userName: taken.made['userName'] } },
      {
        method: 'PATCH',
        path,
        data: { schemas: [PATCH], Operations: [{ op: 'replace', path: 'userName', value: taken.made['userName'] }] },
      },
    ],
  });
  const [, second, third] = body['Operations'] as { status: string; response: Json }[];
  assert.equal(second?.status, '409');
  assert.match(String(second?.response['detail']), /Operations\[1\].*userName/);
  assert.equal(third?.status, '409');
  assert.match(String(third?.response['detail']), /Operations\[2\].*userName/);
});
