import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startInstallation, type TestInstallation } from './installation.ts';
import { type Answer, newTenant, replacing, type TestTenant } from './tenant.ts';

let provost: TestInstallation;
let tenant: TestTenant;

before(async () => {
  provost = await startInstallation({ env: { PROVOST_BODY_LIMIT_BYTES: '4096' } });
  tenant = await newTenant(provost.url, {});
});
after(() => provost.stop());

function isScimError(answer: Answer, status: number, scimType?: string): void {
  assert.equal(answer.status, status, answer.text);
  assert.match(answer.headers.get('content-type') ?? '', /^application\/scim\+json/);
  assert.deepEqual(answer.body['schemas'], ['urn:ietf:params:scim:api:messages:2.0:Error']);
  assert.equal(answer.body['status'], String(status));
  assert.equal(answer.body['scimType'], scimType);
  assert.equal(typeof answer.body['detail'], 'string');
}

const stored = () => provost.mongo.collection('resources').countDocuments({ tenant: tenant.id });
const accepted = () => provost.mongo.collection('changes').countDocuments({ tenant: tenant.id });

test('a body that is no JSON, no object or no user is a SCIM error, and nothing is accepted', async () => {
  const bodies = [
    ['{"userName":', 'invalidSyntax'],
    ['', 'invalidValue'],
    ['[]', 'invalidSyntax'],
    ['null', 'invalidSyntax'],
    ['"user"', 'invalidSyntax'],
    ['{}', 'invalidValue'],
    ['{"userName":""}', 'invalidValue'],
    ['{"userName":{}}', 'invalidValue'],
    ['{"userName":"x","active":"perhaps"}', 'invalidValue'],
    ['{"userName":"x","emails":{"value":{}}}', 'invalidValue'],
  ] as const;
  for (const [body, scimType] of bodies) {
    const answer = await tenant.scim('POST', '/Users', body, { 'content-type': 'application/scim+json' });
    assert.equal(
      `${answer.status} ${answer.body['scimType']}`,
      `400 ${scimType}`,
      `${body}: ${answer.status} ${answer.text}`,
    );
    isScimError(answer, 400, scimType);
  }
  assert.deepEqual([await stored(), await accepted()], [0, 0]);
});

test('a PATCH that is none is a SCIM error', async () => {
  const bodies = [
    [{ Operations: 'replace' }, 'invalidSyntax'],
    [{ schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: [] }, 'invalidSyntax'],
    [
      { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: [{ op: 'swap', path: 'title' }] },
      'invalidSyntax',
    ],
    [replacing('emails[type eq', 'x'), 'invalidPath'],
  ] as const;
  for (const [body, scimType] of bodies) {
    const answer = await tenant.scim('PATCH', '/Users/nobody', body);
    assert.equal(answer.status, 400, `${JSON.stringify(body)}: ${answer.status} ${answer.text}`);
    isScimError(answer, 400, scimType);
  }
  assert.equal(await accepted(), 0);
});

test('a body that is too long is refused with 413', async () => {
  const answer = await tenant.scim('POST', '/Users', { userName: 'long', title: 'x'.repeat(5_000) });
  isScimError(answer, 413);
  assert.equal(await accepted(), 0);
});

test('a body of another media type is refused with 415', async () => {
  for (const type of ['text/xml', 'application/x-www-form-urlencoded', 'text/plain']) {
    const answer = await tenant.scim('POST', '/Users', 'userName=x', { 'content-type': type });
    isScimError(answer, 415);
  }
  const latin = await tenant.scim('POST', '/Users', '{"userName":"x"}', {
    'content-type': 'application/scim+json; charset=latin1',
  });
  isScimError(latin, 415);
  assert.equal(await accepted(), 0);
});

test('an answer in a form that is not served is a SCIM error or SCIM all the same', async () => {
  const answer = await tenant.scim('GET', '/Users', undefined, { accept: 'text/html' });
  assert.ok(answer.status === 200 || answer.status === 406, `${answer.status}`);
  assert.match(answer.headers.get('content-type') ?? '', /^application\/scim\+json/);
});

test('paths that lead nowhere are a SCIM error', async () => {
  for (const path of ['/Usrs', '/Users/nobody', '/Users/nobody/name', '/Schemas/urn:none', '/Users/%00']) {
    const answer = await tenant.scim('GET', path);
    assert.equal(answer.status, 404, `${path}: ${answer.status} ${answer.text}`);
    isScimError(answer, 404);
  }
  isScimError(await tenant.scim('GET', '/Users/%E0%A4%A'), 400, 'invalidSyntax');
});

test('methods that a path has not are a SCIM error that names those it has', async () => {
  for (const [method, path] of [
    ['PUT', '/Users'],
    ['DELETE', '/Users'],
    ['PATCH', '/Users'],
    ['POST', '/Users/some-id'],
    ['POST', '/Schemas'],
    ['DELETE', '/ServiceProviderConfig'],
  ] as const) {
    const answer = await tenant.scim(method, path, {});
    assert.ok([404, 405, 501].includes(answer.status), `${method} ${path}: ${answer.status}`);
    isScimError(answer, answer.status);
  }
});

test('a header that makes no sense is a SCIM error', async () => {
  isScimError(
    await tenant.scim('POST', '/Users', { userName: 'x' }, { 'idempotency-key': 'k'.repeat(300) }),
    400,
    'invalidValue',
  );
  const created = await tenant.scim('POST', '/Users', { userName: 'etag' });
  const answer = await tenant.scim('PATCH', `/Users/${created.body['id']}`, replacing('title', 'x'), {
    'if-match': '"never"',
  });
  isScimError(answer, 412);
});

test('attribute names of JavaScript itself are data like any other', async () => {
  const before = await stored();
  const answer = await tenant.scim(
    'POST',
    '/Users',
    '{"userName":"proto","__proto__":{"admin":true},"constructor":{"x":1}}',
  );
  assert.ok([201, 400].includes(answer.status), answer.text);
  assert.equal(({} as { admin?: boolean }).admin, undefined);
  assert.equal(await stored(), before + (answer.status === 201 ? 1 : 0));
  assert.ok(!answer.text.includes('admin'), answer.text);
});
