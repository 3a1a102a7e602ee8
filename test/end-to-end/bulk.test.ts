import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { startSandboxTarget } from '../../dev/sandbox-target.ts';
import { ENTERPRISE_USER_SCHEMA } from '../../domain/scim/resource.ts';
import { until } from '../until.ts';
import { bulkOf, idOf, newGroup, newUser, operationsIn, pathOf, sendBulk, statuses } from './bulk-request.ts';
import { startInstallation, type TestInstallation } from './installation.ts';
import { basicAuthorization, newTenant, patchOf, sender } from './tenant.ts';

let provost: TestInstallation;
before(async () => {
  provost = await startInstallation();
});
after(async () => {
  await provost.stop();
});

/** The one bulk workflow of a tenant, as Temporal's list has it. */
async function bulkWorkflowOf(tenant: string): Promise<string> {
  const query = `ProvostTenant = '${tenant}' AND WorkflowType = 'bulk'`;
  const found = async (): Promise<string[]> => {
    const ids: string[] = [];
    for await (const { workflowId } of provost.temporal.workflow.list({ query })) ids.push(workflowId);
    return ids;
  };
  const [id] = await until('one bulk workflow in the list', found, (ids) => ids.length === 1);
  return id ?? '';
}

const membersOf = (body: Record<string, unknown>): string[] =>
  ((body['members'] ?? []) as { value: string }[]).map(({ value }) => value).sort();

const locationOf = (body: Record<string, unknown> | undefined): string =>
  (body?.['meta'] as { location: string } | undefined)?.location ?? '';

test('RFC 7644 §3.7.3: creations, a replacement, a PATCH and a deletion are answered each, in the order of the request', async () => {
  const { scim } = await newTenant(provost.url);
  const [alice, bob, carl, dave] = await Promise.all(
    ['old-alice', 'bob', 'carl', 'dave'].map(async (userName) => (await scim('POST', '/Users', { userName })).body),
  );
  const operations = await sendBulk(
    scim,
    [
      newUser('qwerty', { userName: 'Alice' }),
      {
        method: 'PUT',
        path: `/Users/${bob?.['id']}`,
        version: 'W/"1"',
        data: { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'Bob' },
      },
      {
        method: 'PATCH',
        path: `/Users/${carl?.['id']}`,
        version: 'W/"1"',
        // The RFC shows the operations of a PATCH as `data` itself.
        data: [
          { op: 'remove', path: 'nickName' },
          { op: 'replace', path: 'userName', value: 'Dave-2' },
        ],
      },
      { method: 'DELETE', path: `/Users/${dave?.['id']}`, version: 'W/"1"' },
      { method: 'DELETE', path: `/Users/${alice?.['id']}`, version: 'W/"e9aee8"' },
    ],
    1,
  );
  assert.deepEqual(statuses(operations), ['201', '200', '200', '204', '412']);
  const [created, replaced, patched, deleted, stale] = operations;
  assert.equal(created?.method, 'POST');
  assert.equal(created.bulkId, 'qwerty');
  assert.equal(created.version, 'W/"1"');
  assert.match(created.location ?? '', /\/scim\/v2\/Users\/[0-9a-f-]{36}$/);
  assert.equal((await scim('GET', pathOf(created))).body['userName'], 'Alice');
  assert.equal(replaced?.version, 'W/"2"');
  assert.equal(replaced.location, locationOf(bob));
  assert.equal((await scim('GET', `/Users/${carl?.['id']}`)).body['userName'], 'Dave-2');
  assert.equal(patched?.method, 'PATCH');
  assert.equal((await scim('GET', `/Users/${dave?.['id']}`)).status, 404);
  assert.equal(deleted?.version, undefined);
  assert.match(stale?.response?.detail ?? '', /version/);
  assert.equal(stale?.location, locationOf(alice));
});

test('RFC 7644 §3.7.2: a group gets a member, and a user a manager, that the same request creates', async () => {
  const { scim } = await newTenant(provost.url);
  const [user, group, boss, report] = await sendBulk(scim, [
    newUser('qwerty'),
    newGroup('Tour Guides', ['bulkId:qwerty']),
    newUser('boss'),
    newUser('report', { [ENTERPRISE_USER_SCHEMA]: { employeeNumber: '11250', manager: { value: 'bulkId:boss' } } }),
  ]);
  assert.ok(user && group && boss && report);
  assert.deepEqual(membersOf((await scim('GET', pathOf(group))).body), [idOf(user)]);
  const { body } = await scim('GET', pathOf(report));
  const enterprise = body[ENTERPRISE_USER_SCHEMA] as { manager: { value: string } };
  assert.equal(enterprise.manager.value, idOf(boss));
});

test('references forward are resolved, and the answer keeps the order of the request', async () => {
  const { scim } = await newTenant(provost.url);
  const operations = await sendBulk(scim, [
    {
      method: 'PATCH',
      path: '/Groups/bulkId:g',
      data: patchOf({ op: 'add', path: 'members', value: [{ value: 'bulkId:b' }] }),
    },
    newUser('report', { [ENTERPRISE_USER_SCHEMA]: { manager: { value: 'bulkId:boss' } } }),
    newGroup('g', ['bulkId:a']),
    newUser('a'),
    newUser('b'),
    newUser('boss'),
  ]);
  assert.deepEqual(statuses(operations), ['200', '201', '201', '201', '201', '201']);
  assert.deepEqual(
    operations.map(({ bulkId }) => bulkId),
    [undefined, 'report', 'g', 'a', 'b', 'boss'],
  );
  const [patched, report, group, a, b, boss] = operations;
  assert.ok(patched && report && group && a && b && boss);
  assert.equal(patched.location, group.location);
  assert.deepEqual(membersOf((await scim('GET', pathOf(group))).body), [idOf(a), idOf(b)].sort());
  const { body } = await scim('GET', pathOf(report));
  assert.equal((body[ENTERPRISE_USER_SCHEMA] as { manager: { value: string } }).manager.value, idOf(boss));
});

test('RFC 7644 §3.7.1: groups that contain each other, and managers of each other, are closed to a circle', async () => {
  const { scim } = await newTenant(provost.url);
  const managed = (bulkId: string, by: string) =>
    newUser(bulkId, { [ENTERPRISE_USER_SCHEMA]: { department: 'D', manager: { value: `bulkId:${by}` } } });
  const operations = await sendBulk(scim, [
    newGroup('A', ['bulkId:B', 'bulkId:u']),
    newGroup('B', ['bulkId:C']),
    newGroup('C', ['bulkId:A']),
    newUser('u'),
    managed('x', 'y'),
    managed('y', 'x'),
  ]);
  assert.deepEqual(statuses(operations), ['201', '201', '201', '201', '201', '201']);
  const [a, b, c, u, x, y] = operations;
  assert.ok(a && b && c && u && x && y);
  const members = async (group: typeof a): Promise<string[]> => membersOf((await scim('GET', pathOf(group))).body);
  assert.deepEqual(await members(a), [idOf(b), idOf(u)].sort());
  assert.deepEqual(await members(b), [idOf(c)]);
  assert.deepEqual(await members(c), [idOf(a)]);
  const { body, headers } = await scim('GET', pathOf(x));
  assert.deepEqual((body[ENTERPRISE_USER_SCHEMA] as { manager: { value: string } }).manager.value, idOf(y));
  assert.equal(headers.get('etag'), x.version, 'the version is that of the completed resource');
});

test('where one of a circle fails, the others fail with it and none of them stands', async () => {
  const { scim } = await newTenant(provost.url);
  await scim('POST', '/Users', { userName: 'taken' });
  const cyclic = (bulkId: string, by: string) =>
    newUser(bulkId, { [ENTERPRISE_USER_SCHEMA]: { manager: { value: `bulkId:${by}` } } });
  const operations = await sendBulk(scim, [cyclic('free', 'taken'), cyclic('taken', 'free'), newUser('apart')]);
  assert.deepEqual(statuses(operations), ['409', '409', '201']);
  assert.equal(operations[0]?.location, undefined);
  assert.match(operations[0]?.response?.detail ?? '', /refers to another one/);
  assert.equal(operations[1]?.response?.scimType, 'uniqueness');
  const { body } = await scim('GET', '/Users?filter=userName%20eq%20%22free%22');
  assert.equal(body['totalResults'], 0);
});

test('what refers to a failed or to no operation fails alone', async () => {
  const { scim } = await newTenant(provost.url);
  const operations = await sendBulk(scim, [
    newUser('bad', { emails: 'not a list of mails', active: { no: 'boolean' } }),
    newGroup('needs-bad', ['bulkId:bad']),
    newGroup('needs-nobody', ['bulkId:nobody']),
    newUser('good'),
    newUser('good', { userName: 'same-bulkId' }),
  ]);
  assert.deepEqual(statuses(operations), ['400', '409', '400', '201', '400']);
  assert.equal(operations[2]?.response?.scimType, 'invalidValue');
  assert.match(operations[2].response.detail, /nobody/);
  const { body } = await scim('GET', '/Groups');
  assert.equal(body['totalResults'], 0);
});

test('malformed operations fail in their places', async () => {
  const { scim } = await newTenant(provost.url);
  const operations = await sendBulk(scim, [
    { method: 'GET', path: '/Users' },
    { method: 'POST', path: '/Users', data: { userName: 'no-bulkId' } },
    { method: 'POST', path: '/Users/1', bulkId: 'a', data: { userName: 'a' } },
    { method: 'PATCH', path: '/Users', data: [] },
    { method: 'POST', path: '/Robots', bulkId: 'b', data: {} },
    { method: 'PUT', path: `/Users/${randomUUID()}`, data: { userName: 'nobody' } },
    { method: 'POST', path: '/Users', bulkId: 'c' },
    newUser('d'),
  ] as object[]);
  assert.deepEqual(statuses(operations), ['400', '400', '400', '400', '404', '404', '400', '201']);
  for (const { status, response } of operations.slice(0, -1)) assert.equal(response?.status, status);
});

test('two operations on one resource come in the order of the request, and so do two that want one name', async () => {
  const { scim } = await newTenant(provost.url);
  const { body } = await scim('POST', '/Users', { userName: 'leaver' });
  const set = (value: string) => ({
    method: 'PATCH',
    path: '/Users/bulkId:u',
    data: patchOf({ op: 'replace', path: 'title', value }),
  });
  const operations = await sendBulk(scim, [
    set('first'),
    newUser('u', { title: 'none' }),
    set('second'),
    set('third'),
    { method: 'DELETE', path: `/Users/${body['id']}` },
    newUser('leaver'),
    newUser('again', { userName: 'LEAVER' }),
  ]);
  assert.deepEqual(statuses(operations), ['200', '201', '200', '200', '204', '201', '409']);
  assert.deepEqual(
    operations.slice(0, 4).map(({ version }) => version),
    ['W/"2"', 'W/"1"', 'W/"3"', 'W/"4"'],
  );
  assert.equal((await scim('GET', pathOf(operations[1] ?? {}))).body['title'], 'third');
});

test('failOnErrors: what was not begun when so many had failed is not done and not answered', async () => {
  const { scim } = await newTenant(provost.url);
  const malformed = { method: 'POST', path: '/Users', bulkId: 'm', data: { userName: '' } };
  const users = Array.from({ length: 120 }, (_, index) => newUser(`u${index}`));
  const first = await sendBulk(scim, [newUser('before'), malformed, ...users], 1);
  assert.deepEqual(statuses(first), ['201', '400']);
  assert.equal((await scim('GET', '/Users')).body['totalResults'], 1);

  const second = await sendBulk(scim, [malformed, { ...malformed, bulkId: 'n' }, ...users.slice(0, 3)], 3);
  assert.deepEqual(statuses(second), ['400', '400', '201', '201', '201']);
});

test('each operation needs its own permission', async () => {
  const tenant = await newTenant(provost.url);
  const { body: known } = await tenant.scim('POST', '/Users', { userName: 'known' });
  const { body } = await tenant.admin('POST', `/service-providers/${tenant.serviceProvider}/credentials`, {
    kind: 'basic',
    scopes: ['internal_user_mgt_create'],
    roles: [],
  });
  const authorization = basicAuthorization(String(body['id']), String(body['secret']));
  const scim = sender(`${provost.url}/scim/v2`, { authorization });
  const operations = await sendBulk(scim, [
    newUser('allowed'),
    newGroup('forbidden'),
    { method: 'DELETE', path: `/Users/${known['id']}` },
  ]);
  assert.deepEqual(statuses(operations), ['201', '403', '403']);
  assert.match(operations[1]?.response?.detail ?? '', /Group/);
  assert.equal((await tenant.scim('GET', `/Users/${known['id']}`)).status, 200);
});

test('too many operations, too long a body and a malformed envelope are refused as a whole', async () => {
  const { scim } = await newTenant(provost.url);
  const { body: config } = await scim('GET', '/ServiceProviderConfig');
  assert.deepEqual(config['bulk'], { supported: true, maxOperations: 1_000, maxPayloadSize: 1_048_576 });

  const tooMany = await scim(
    'POST',
    '/Bulk',
    bulkOf(Array.from({ length: 1_001 }, (_, index) => newUser(`u${index}`))),
  );
  assert.equal(tooMany.status, 413);
  assert.match(String(tooMany.body['detail']), /maxOperations is 1000/);
  assert.equal(tooMany.body['status'], '413');

  const tooLong = await scim('POST', '/Bulk', bulkOf([newUser('u', { title: 'x'.repeat(1_048_576) })]));
  assert.equal(tooLong.status, 413);
  assert.match(String(tooLong.body['detail']), /maxPayloadSize \(1048576\)/);
  assert.deepEqual(tooLong.body['schemas'], ['urn:ietf:params:scim:api:messages:2.0:Error']);

  const malformed = [
    {},
    [],
    { ...bulkOf([newUser('u')]), schemas: [] },
    bulkOf([]),
    { ...bulkOf([newUser('u')]), failOnErrors: -1 },
    { ...bulkOf([newUser('u')]), failOnErrors: 'many' },
  ];
  for (const body of malformed) {
    const answer = await scim('POST', '/Bulk', body);
    assert.equal(answer.status, 400, JSON.stringify(body));
    assert.ok(['invalidSyntax', 'invalidValue'].includes(String(answer.body['scimType'])), answer.text);
  }
  assert.equal((await scim('GET', '/Users')).body['totalResults'], 0);
});

test('the same Idempotency-Key again gives the same answer and does nothing; with another request it is refused', async () => {
  const { scim } = await newTenant(provost.url);
  const key = { 'idempotency-key': randomUUID() };
  const request = bulkOf([newUser('ada'), newGroup('g', ['bulkId:ada']), newUser('ada', { userName: 'other' })]);
  const [first, second] = await Promise.all([scim('POST', '/Bulk', request, key), scim('POST', '/Bulk', request, key)]);
  const third = await scim('POST', '/Bulk', request, key);
  assert.equal(first.status, 200, first.text);
  assert.deepEqual(second.body, first.body);
  assert.deepEqual(third.body, first.body);
  assert.equal((await scim('GET', '/Users')).body['totalResults'], 1);
  const other = await scim('POST', '/Bulk', bulkOf([newUser('eve')]), key);
  assert.equal(other.status, 422);
});

test('what a bulk request makes reaches the targets, and its history holds nothing of it', async (t) => {
  const sandbox = await startSandboxTarget({ host: '127.0.0.1', port: 0, token: 'sandbox' });
  t.after(() => sandbox.stop());
  const { id, scim } = await newTenant(provost.url, { targets: [{ baseUrl: sandbox.url, token: 'sandbox' }] });
  const operations = await sendBulk(scim, [
    newUser('Ada-Secretname', { password: 'correct horse battery' }),
    newGroup('Poets', ['bulkId:Ada-Secretname']),
  ]);
  assert.deepEqual(statuses(operations), ['201', '201']);
  await until('the member at the target', async () => {
    const held = await (await fetch(sandbox.pageUrl)).text();
    return /Ada-Secretname/.test(held) && /Poets/.test(held) && !/"members":\[\]/.test(held);
  });

  const history = await provost.rawTemporal.workflow.getHandle(await bulkWorkflowOf(id)).fetchHistory();
  assert.ok((history.events ?? []).length < 25, `${history.events?.length} events`);
  assert.doesNotMatch(JSON.stringify(history), /Secretname|correct horse/);
  const pages = await provost.mongo.collection('bulk-pages').find({ tenant: id }).toArray();
  assert.equal(pages.length, 1);
  assert.equal(pages[0]?.['steps'], undefined, 'what was asked for is forgotten');
  assert.doesNotMatch(JSON.stringify(pages), /Secretname/);
});

test('1,000 operations in one request: users, then groups of them', { timeout: 300_000 }, async (t) => {
  const { id, scim } = await newTenant(provost.url);
  const users = Array.from({ length: 900 }, (_, index) => newUser(`user-${index}`, { displayName: `User ${index}` }));
  const groups = Array.from({ length: 100 }, (_, index) =>
    newGroup(
      `group-${index}`,
      Array.from({ length: 9 }, (_one, at) => `bulkId:user-${index * 9 + at}`),
    ),
  );
  const started = performance.now();
  const operations = await sendBulk(scim, [...groups, ...users]);
  t.diagnostic(`1,000 operations: ${Math.round(performance.now() - started)} ms`);
  assert.equal(operations.length, 1_000);
  assert.deepEqual(new Set(statuses(operations)), new Set(['201']));
  assert.equal(operations[0]?.bulkId, 'group-0');
  assert.equal(operations[999]?.bulkId, 'user-899');
  assert.equal((await scim('GET', '/Users?count=1')).body['totalResults'], 900);
  const last = await scim('GET', pathOf(operations[99] ?? {}));
  assert.equal(membersOf(last.body).length, 9);
  const { events } = await provost.temporal.workflow.getHandle(await bulkWorkflowOf(id)).fetchHistory();
  t.diagnostic(`its history: ${events?.length} events`);
  assert.ok((events?.length ?? 0) < 200, `${events?.length} events`);
});

test('a bulk request goes on where it stood when its worker is stopped and another one starts', async () => {
  const { id, scim } = await newTenant(provost.url);
  const users = Array.from({ length: 200 }, (_, index) => newUser(`user-${index}`));
  const answer = scim('POST', '/Bulk', bulkOf(users));
  const count = async (): Promise<number> => Number((await scim('GET', '/Users?count=1')).body['totalResults']);
  await until('some users', count, (seen) => seen > 20);
  await provost.stopWorker();
  const stopped = await count();
  assert.ok(stopped < 200, `${stopped} of 200 were done before the worker had stopped`);
  await provost.startWorker();
  const { status, text, body } = await answer;
  assert.equal(status, 200, text);
  assert.deepEqual(new Set(statuses(operationsIn({ body }))), new Set(['201']));
  assert.equal(await count(), 200);
  const changes = await provost.mongo.collection('changes').countDocuments({ tenant: id });
  assert.equal(changes, 200, 'no operation became two changes');
});
