import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { startInstallation, type TestInstallation } from '../../end-to-end/installation.ts';
import { newTenant, patchOf, type TestTenant } from '../../end-to-end/tenant.ts';

let provost: TestInstallation;
let tenants: readonly TestTenant[];
before(async () => {
  provost = await startInstallation({
    env: { PROVOST_BULK_MAX_PAYLOAD_BYTES: '60000', PROVOST_BODY_LIMIT_BYTES: '60000' },
  });
  tenants = await Promise.all([
    newTenant(provost.url, { mode: 'persist', conformance: 'tolerant' }),
    newTenant(provost.url, { mode: 'persist', conformance: 'strict' }),
  ]);
});
after(() => provost.stop());

interface Place {
  readonly name: string;
  readonly method: string;
  readonly url: string;
  readonly mediaType: string;
  /** A body there with this text in one of its values. */
  body(text: string): string;
}

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';

/** Every place that takes a body. */
async function placesOf({ id, scim, serviceProvider }: TestTenant): Promise<readonly Place[]> {
  const { body } = await scim('POST', '/Users', { schemas: [USER], userName: `held-${Math.random()}` });
  const held = `/Users/${body['id']}`;
  const json = { mediaType: 'application/json' };
  const user = (text: string) => `{"schemas":["${USER}"],"userName":"u${Math.random()}","title":"${text}"}`;
  const patch = (text: string) =>
    JSON.stringify(patchOf({ op: 'replace', path: 'title', value: '@' })).replace('@', () => text);
  const bulk = (text: string) =>
    `{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[{"method":"POST","path":"/Users","bulkId":"a","data":${user(text)}}]}`;
  const user1 = (text: string) =>
    `{"schemas":["urn:scim:schemas:core:1.0"],"userName":"u${Math.random()}","title":"${text}"}`;
  const bulk1 = (text: string) =>
    `{"schemas":["urn:scim:schemas:core:1.0"],"Operations":[{"method":"POST","path":"/Users","bulkId":"a","data":${user1(text)}}]}`;
  const search = (text: string) =>
    `{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],"filter":"title eq \\"${text}\\""}`;
  const xml = (text: string) =>
    `<User xmlns="urn:scim:schemas:core:1.0"><userName>u${Math.random()}</userName><title>${text}</title></User>`;
  const soap = (text: string) =>
    `<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:ser="http://service.ws.um.carbon.wso2.org"><soapenv:Body><ser:isExistingUser><ser:userName>${text}</ser:userName></ser:isExistingUser></soapenv:Body></soapenv:Envelope>`;
  return [
    { name: 'SCIM 2.0 POST', method: 'POST', url: '/scim/v2/Users', body: user, ...json },
    { name: 'SCIM 2.0 PUT', method: 'PUT', url: `/scim/v2${held}`, body: user, ...json },
    { name: 'SCIM 2.0 PATCH', method: 'PATCH', url: `/scim/v2${held}`, body: patch, ...json },
    { name: 'SCIM 2.0 search', method: 'POST', url: '/scim/v2/Users/.search', body: search, ...json },
    { name: 'SCIM 2.0 Bulk', method: 'POST', url: '/scim/v2/Bulk', body: bulk, ...json },
    { name: 'SCIM 1.1 POST', method: 'POST', url: '/scim/v1/Users', body: user1, ...json },
    { name: 'SCIM 1.1 PUT', method: 'PUT', url: `/scim/v1${held}`, body: user1, ...json },
    { name: 'SCIM 1.1 PATCH', method: 'PATCH', url: `/scim/v1${held}`, body: (text) => `{"title":"${text}"}`, ...json },
    { name: 'SCIM 1.1 Bulk', method: 'POST', url: '/scim/v1/Bulk', body: bulk1, ...json },
    { name: 'SCIM 1.1 XML', method: 'POST', url: '/scim/v1/Users', body: xml, mediaType: 'application/xml' },
    { name: 'SOAP', method: 'POST', url: '/services/RemoteUserStoreManagerService', body: soap, mediaType: 'text/xml' },
    {
      name: 'administration',
      method: 'PUT',
      url: `/admin/v1/tenants/${id}/service-providers/${serviceProvider}`,
      body: (text) => `{"name":"${text}"}`,
      ...json,
    },
  ];
}

async function send(
  { authorization }: TestTenant,
  { method, url, mediaType }: Place,
  body: Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly text: string; readonly headers: Headers }> {
  const response = await fetch(`${provost.url}${url}`, {
    method,
    headers: { authorization, 'content-type': mediaType, ...headers },
    body: Buffer.from(body),
  });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

/** A fault about what the client sent is 500 in SOAP (SOAP 1.1 §6.2). */
const refused = ({ name }: Place): number => (name === 'SOAP' ? 500 : 400);

const bytes = (text: string): Buffer => Buffer.from(text, 'utf8');
const stored = () => provost.mongo.collection('changes').countDocuments({});

test('bytes that are not UTF-8 are refused wherever a body is taken, and nothing is done', async () => {
  for (const tenant of tenants)
    for (const place of await placesOf(tenant)) {
      const before = await stored();
      const latin = Buffer.from(place.body('Andr\u00e9'), 'latin1');
      const answer = await send(tenant, place, latin);
      assert.equal(answer.status, refused(place), `${place.name}: ${answer.status} ${answer.text}`);
      assert.match(answer.text, /UTF-8/, place.name);
      assert.equal(await stored(), before, place.name);
    }
});

test('a Content-Encoding that does not fit the body is 400, one that is not supported 415', async () => {
  const [tenant] = tenants;
  assert.ok(tenant);
  for (const place of await placesOf(tenant)) {
    const plain = bytes(place.body('plain'));
    for (const encoding of ['gzip', 'deflate', 'br', 'zstd']) {
      const answer = await send(tenant, place, plain, { 'content-encoding': encoding });
      assert.equal(answer.status, refused(place), `${place.name} ${encoding}: ${answer.status} ${answer.text}`);
      assert.match(answer.text, /Content-Encoding/, `${place.name} ${encoding}`);
    }
    const cut = gzipSync(plain).subarray(0, -12);
    assert.equal((await send(tenant, place, cut, { 'content-encoding': 'gzip' })).status, refused(place), place.name);
    for (const encoding of ['compress', 'gzip, gzip', 'aes128gcm']) {
      const answer = await send(tenant, place, plain, { 'content-encoding': encoding });
      assert.equal(answer.status, 415, `${place.name} ${encoding}: ${answer.status} ${answer.text}`);
    }
  }
});

test('a form that is not compressed as it says is a bad request too', async () => {
  const answer = await fetch(`${provost.url}/oauth2/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-encoding': 'gzip' },
    body: 'grant_type=client_credentials',
  });
  assert.equal(answer.status, 400, await answer.text());
});

test('a compressed body is read', async () => {
  const [tenant] = tenants;
  assert.ok(tenant);
  const [post] = await placesOf(tenant);
  assert.ok(post);
  for (const [encoding, compress] of [
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
  ] as const) {
    const answer = await send(tenant, post, compress(bytes(post.body('small'))), { 'content-encoding': encoding });
    assert.equal(answer.status, 201, `${encoding}: ${answer.text}`);
  }
  const bomb = await send(tenant, post, gzipSync(bytes(post.body('x'.repeat(70_000)))), { 'content-encoding': 'gzip' });
  assert.equal(bomb.status, 413, bomb.text);
});

test('a body that is too large is refused with the limit named', async () => {
  const [tenant] = tenants;
  assert.ok(tenant);
  for (const place of await placesOf(tenant)) {
    const answer = await send(tenant, place, bytes(place.body('x'.repeat(70_000))));
    assert.equal(answer.status, 413, `${place.name}: ${answer.text}`);
    assert.match(answer.text, /60000/, place.name);
    if (place.name.endsWith('Bulk')) assert.match(answer.text, /maxPayloadSize \(60000\)/);
  }
});

test('deep nesting and numbers without a value are refused wherever JSON is taken', async () => {
  for (const tenant of tenants)
    for (const place of await placesOf(tenant)) {
      if (place.mediaType !== 'application/json') continue;
      for (const value of [
        `${'['.repeat(3_000)}1${']'.repeat(3_000)}`,
        `${'{"a":'.repeat(3_000)}1${'}'.repeat(3_000)}`,
        '1e400',
        '-1e999',
      ]) {
        const body = place.body('@').replace(/(?:\\"@\\"")|"@"/, () => value);
        const answer = await send(
          tenant,
          place,
          bytes(place.name.endsWith('search') ? body.replace(/"filter":"title eq /, '"filter":') : body),
        );
        assert.equal(answer.status, 400, `${place.name} ${value.slice(0, 8)}: ${answer.status} ${answer.text}`);
      }
    }
});

test('XML that declares ISO-8859-1 is read as that', async () => {
  const [tenant] = tenants;
  assert.ok(tenant);
  const place = (await placesOf(tenant)).find(({ name }) => name === 'SCIM 1.1 XML');
  assert.ok(place);
  const declared = (encoding: string): Buffer =>
    Buffer.from(`<?xml version="1.0" encoding="${encoding}"?>${place.body('Andr\u00e9')}`, 'latin1');
  for (const [body, headers] of [
    [declared('ISO-8859-1'), {}],
    [declared('utf-8'), { 'content-type': 'application/xml; charset=iso-8859-1' }],
  ] as const) {
    const answer = await send(tenant, place, body, headers);
    assert.equal(answer.status, 201, answer.text);
    const { body: found } = await tenant.scim(
      'GET',
      answer.headers.get('location')?.replace(/^.*(?=\/Users)/, '') ?? '',
    );
    assert.equal(found['title'], 'Andr\u00e9');
  }
  assert.equal((await send(tenant, place, declared('utf-8'))).status, 400);
  assert.equal((await send(tenant, place, declared('ISO-2022-JP'))).status, 415);
});

test('XML with more attributes than any resource has is refused before it is read', async () => {
  const [tenant] = tenants;
  assert.ok(tenant);
  const place = (await placesOf(tenant)).find(({ name }) => name === 'SCIM 1.1 XML');
  assert.ok(place);
  const withAttributes = (count: number): Buffer => {
    const attributes = Array.from({ length: count }, (_, index) => `a${index}=""`).join(' ');
    return bytes(place.body('x').replace('<userName>', `<userName ${attributes}>`));
  };
  assert.equal((await send(tenant, place, withAttributes(4_000))).status, 201);
  const answer = await send(tenant, place, withAttributes(5_000));
  assert.equal(answer.status, 413, answer.text);
  assert.match(answer.text, /more elements or attributes/);
});

test('no answer of SCIM or SOAP is for caches to keep, failures neither', async () => {
  const [tenant] = tenants;
  assert.ok(tenant);
  for (const place of await placesOf(tenant)) {
    for (const headers of [{}, { authorization: 'Bearer none' }]) {
      const answer = await send(tenant, place, bytes(place.body('kept')), headers);
      assert.equal(answer.headers.get('cache-control'), 'no-store', `${place.name} ${answer.status} ${answer.text}`);
    }
  }
  for (const path of ['/scim/v2/Users', '/scim/v2/Schemas', '/scim/v2/none', '/scim/v1/Users', '/scim/v1/Schemas']) {
    const answer = await fetch(`${provost.url}${path}`, { headers: { authorization: tenant.authorization } });
    assert.equal(answer.headers.get('cache-control'), 'no-store', path);
  }
});
