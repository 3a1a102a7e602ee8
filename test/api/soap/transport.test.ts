import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { startInstallation, type TestInstallation } from '../../end-to-end/installation.ts';
import { basicAuthorization, newTenant, sender } from '../../end-to-end/tenant.ts';
import { until } from '../../until.ts';
import { ENVELOPE, SER, sendXml, soapClient } from './soap-client.ts';

let provost: TestInstallation;
before(async () => {
  provost = await startInstallation({
    env: { PROVOST_RATE_LIMIT_PER_SECOND: '40', PROVOST_BODY_LIMIT_BYTES: '65536' },
  });
});
after(() => provost.stop());

const exists = (userName = 'maya', prefix = ''): string =>
  `${prefix}<s:Envelope xmlns:s="${ENVELOPE['1.1']}"><s:Body><isExistingUser xmlns="${SER}"><userName>${userName}</userName></isExistingUser></s:Body></s:Envelope>`;
const SERVICE = '/services/RemoteUserStoreManagerService';

async function scoped(scopes: readonly string[], kind: 'basic' | 'client' = 'basic') {
  const tenant = await newTenant(provost.url, { mode: 'persist' });
  const path = `/service-providers/${tenant.serviceProvider}/credentials`;
  const { body } = await tenant.admin('POST', path, { kind, scopes, roles: [] });
  return { tenant, authorization: basicAuthorization(String(body['id']), String(body['secret'])) };
}

test('whoever cannot prove who he is gets a fault with 401 and the ways to prove it, in the version he speaks', async () => {
  for (const [version, code, type] of [
    ['1.1', 'soapenv:Client', /^text\/xml/],
    ['1.2', 'soapenv:Sender', /^application\/soap\+xml/],
  ] as const) {
    for (const authorization of [undefined, basicAuthorization('nobody', 'x'), 'Bearer x']) {
      const reply = await soapClient(provost.url, authorization)('isReadOnly', {}, { version });
      assert.deepEqual([reply.status, reply.fault?.code], [401, code]);
      assert.match(reply.headers.get('www-authenticate') ?? '', /Basic.*Bearer/);
      assert.match(reply.headers.get('content-type') ?? '', type);
    }
  }
});

test('the description is for anybody, at every address of the service', async () => {
  for (const path of [
    `${SERVICE}?wsdl`,
    `${SERVICE}?WSDL`,
    `${SERVICE}.RemoteUserStoreManagerServiceHttpsSoap12Endpoint/?wsdl`,
  ]) {
    const response = await fetch(`${provost.url}${path}`);
    assert.equal(response.status, 200, path);
    assert.match(await response.text(), /^<\?xml[^>]+>\s*<wsdl:definitions/);
  }
  assert.equal((await fetch(`${provost.url}${SERVICE}`)).status, 405);
  assert.equal((await fetch(`${provost.url}/services/Other?wsdl`)).status, 404);
});

test('every address that a description of WSO2 gives answers', async () => {
  const { authorization, id } = await newTenant(provost.url, { mode: 'persist' });
  const soap = soapClient(provost.url, authorization);
  const inTenant = soapClient(`${provost.url}/t/${id}`, authorization);
  for (const port of ['', 'HttpsSoap11Endpoint/', 'HttpsSoap12Endpoint/', 'HttpsEndpoint/', 'HttpsSoap11Endpoint']) {
    const name = 'RemoteUserStoreManagerService';
    const service = port === '' ? name : `${name}.${name}${port}`;
    for (const call of [soap, inTenant])
      assert.deepEqual((await call('isReadOnly', {}, { service })).returns, ['false'], service);
  }
  const elsewhere = await soapClient(`${provost.url}/t/other`, authorization)('isReadOnly');
  assert.deepEqual([elsewhere.status, elsewhere.fault?.code], [403, 'soapenv:Client']);
});

test('an operation needs the permission that WSO2 asks for, by our scopes or by its own', async () => {
  const user = { userName: 'maya', credential: 'Pw#12345' };
  const cases: readonly (readonly [scope: string, allowed: readonly string[], refused: readonly string[]])[] = [
    ['scim:read', ['isExistingUser', 'getRoleNames'], ['addUser', 'authenticate', 'deleteRole']],
    ['internal_user_mgt_create', ['addUser'], ['isExistingUser', 'deleteUser', 'addRole']],
    ['internal_user_mgt_view', ['isExistingUser'], ['addUser', 'listUsers']],
    ['internal_role_mgt_create', ['addRole'], ['addUser']],
  ];
  for (const [scope, allowed, refused] of cases) {
    const { authorization } = await scoped([scope]);
    const soap = soapClient(provost.url, authorization);
    for (const operation of allowed) {
      const reply = await soap(operation, { ...user, roleName: 'staff' });
      assert.equal(reply.fault, undefined, `${scope} ${operation}: ${reply.text}`);
    }
    for (const operation of refused) {
      const reply = await soap(operation, { ...user, roleName: 'staff' });
      assert.deepEqual([reply.status, reply.headers.get('provost-error')], [403, 'FORBIDDEN'], `${scope} ${operation}`);
      assert.match(reply.fault?.reason ?? '', /^Access Denied/);
    }
  }
});

test('an OAuth bearer token works as it does for SCIM', async () => {
  const { authorization } = await scoped(['scim:read'], 'client');
  const token = await sender(provost.url, { authorization, 'content-type': 'application/x-www-form-urlencoded' })(
    'POST',
    '/oauth2/token',
    'grant_type=client_credentials&scope=scim:read',
  );
  assert.equal(token.status, 200, token.text);
  const soap = soapClient(provost.url, `Bearer ${String(token.body['access_token'])}`);
  assert.deepEqual((await soap('isExistingUser', { userName: 'maya' })).returns, ['false']);
  assert.equal((await soap('addUser', { userName: 'maya', credential: 'x' })).status, 403);
});

test('a client that calls too often is told when to come back', async () => {
  const { authorization } = await newTenant(provost.url, { mode: 'persist' });
  const soap = soapClient(provost.url, authorization);
  // However slow the machine is: sooner or later so many arrive within a second.
  const throttled = await until(
    'a call that is throttled',
    async () =>
      (await Promise.all(Array.from({ length: 400 }, () => soap('isReadOnly')))).find(({ status }) => status === 429),
    (reply) => reply !== undefined,
  );
  assert.equal(throttled?.fault?.code, 'soapenv:Client');
  assert.equal(throttled?.headers.get('retry-after'), '1');
});

test('bodies that are too large, of another kind or in another encoding are faults with their status', async () => {
  const { authorization } = await newTenant(provost.url, { mode: 'persist' });
  const send = (body: string | Uint8Array<ArrayBuffer>, type: string, more: Record<string, string> = {}) =>
    sendXml(`${provost.url}${SERVICE}`, body, { authorization, 'content-type': type, ...more });
  assert.deepEqual([(await send(exists('x'.repeat(70_000)), 'text/xml')).status], [413]);
  const bomb = new Uint8Array(gzipSync(exists('x'.repeat(5_000_000))));
  assert.equal((await send(bomb, 'text/xml', { 'content-encoding': 'gzip' })).status, 413);
  for (const type of [
    'application/json',
    'multipart/related; type="application/xop+xml"',
    'text/xml; charset=koi8-r',
  ]) {
    const reply = await send(exists(), type);
    assert.deepEqual([reply.status, reply.fault?.code], [415, 'soapenv:Client'], type);
  }
  const declared = (encoding: string) =>
    send(exists('maya', `<?xml version="1.0" encoding="${encoding}"?>`), 'text/xml');
  assert.equal((await declared('ISO-2022-JP')).status, 415);
  assert.deepEqual((await declared('ISO-8859-1')).returns, ['false']);
  const utf16 = new Uint8Array(Buffer.from(`\ufeff${exists()}`, 'utf16le'));
  assert.deepEqual((await send(utf16, 'text/xml; charset=utf-16')).returns, ['false']);
  assert.deepEqual((await send(new Uint8Array([0xff, 0x61]), 'text/xml')).fault?.code, 'soapenv:Client');
});

test('a message that is no call of this service is the fault of the client, with the reason', async () => {
  const { authorization } = await newTenant(provost.url, { mode: 'persist' });
  const send = (body: string) =>
    sendXml(`${provost.url}${SERVICE}`, body, { authorization, 'content-type': 'text/xml' });
  const s = ENVELOPE['1.1'];
  for (const [body, reason] of [
    ['', /well-formed|one element/],
    ['<a/>', /not a SOAP envelope/],
    [`<Envelope xmlns="urn:other"><Body><x/></Body></Envelope>`, /not a SOAP envelope/],
    [`<s:Envelope xmlns:s="${s}"/>`, /one Body/],
    [`<s:Envelope xmlns:s="${s}"><s:Body/></s:Envelope>`, /one Body/],
    [`<s:Envelope xmlns:s="${s}"><s:Body><a/><b/></s:Body></s:Envelope>`, /one Body/],
    [`<s:Envelope xmlns:s="${s}"><s:Body><isReadOnly/></s:Body></s:Envelope>`, /no operation of this name/],
    [`<s:Envelope xmlns:s="${s}"><s:Body><dropAll xmlns="${SER}"/></s:Body></s:Envelope>`, /no operation/],
  ] as const) {
    const reply = await send(body);
    assert.deepEqual([reply.status, reply.fault?.code], [500, 'soapenv:Client'], body);
    assert.match(reply.fault?.reason ?? '', reason);
  }
  const header = `<s:Header><w:Security xmlns:w="urn:wsse" s:mustUnderstand="1"/></s:Header>`;
  const secured = await send(exists().replace('<s:Body>', `${header}<s:Body>`));
  assert.equal(secured.fault?.code, 'soapenv:MustUnderstand');
  const addressed = `<s:Header><w:To xmlns:w="http://www.w3.org/2005/08/addressing" s:mustUnderstand="1">x</w:To></s:Header>`;
  assert.deepEqual((await send(exists().replace('<s:Body>', `${addressed}<s:Body>`))).returns, ['false']);
});

test('SOAP 1.2 faults have its codes, its media type and the declared detail', async () => {
  const { authorization } = await newTenant(provost.url, { mode: 'persist' });
  const reply = await soapClient(provost.url, authorization)('deleteUser', { userName: 'nobody' }, { version: '1.2' });
  assert.equal(reply.status, 500);
  assert.match(reply.headers.get('content-type') ?? '', /^application\/soap\+xml/);
  assert.equal(reply.fault?.code, 'soapenv:Receiver');
  assert.match(reply.fault?.reason ?? '', /UserNotFound/);
  assert.equal(reply.fault?.detail?.name, 'RemoteUserStoreManagerServiceUserStoreException');
});

test('a parameter that is missing, nil or no number is named', async () => {
  const { authorization } = await newTenant(provost.url, { mode: 'persist' });
  const soap = soapClient(provost.url, authorization);
  assert.match((await soap('deleteUser')).fault?.reason ?? '', /userName must be given/);
  assert.match((await soap('addUser', { userName: 'x', credential: '' })).fault?.reason ?? '', /^30003 - /);
  assert.match(
    (await soap('listUsers', { filter: '*', maxItemLimit: '1e3' })).fault?.reason ?? '',
    /maxItemLimit is a whole number/,
  );
});
