import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startInstallation, type TestInstallation } from '../../end-to-end/installation.ts';
import { sender } from '../../end-to-end/tenant.ts';
import { CORE, ENTERPRISE, errorOf, newTenant1 } from './client.ts';

let provost: TestInstallation;
before(async () => {
  provost = await startInstallation();
});
after(() => provost.stop());

interface Attribute1 {
  readonly name: string;
  readonly type: string;
  readonly schema: string;
  readonly multiValued: boolean;
  readonly multiValuedAttributeChildName?: string;
  readonly readOnly: boolean;
  readonly required: boolean;
  readonly subAttributes?: readonly { readonly name: string; readonly type: string }[];
}

test('ServiceProviderConfigs says what is served, to anybody', async () => {
  const { status, body } = await sender(`${provost.url}/scim/v1`, {})('GET', '/ServiceProviderConfigs');
  assert.equal(status, 200);
  assert.deepEqual(body['schemas'], [CORE]);
  for (const feature of ['patch', 'filter', 'changePassword', 'sort', 'etag', 'xmlDataFormat'])
    assert.equal((body[feature] as { supported: boolean }).supported, true, feature);
  const schemes = body['authenticationSchemes'] as { type: string; name: string; specUrl: string }[];
  assert.deepEqual(
    schemes.map(({ type }) => type),
    ['oauthbearertoken', 'httpbasic'],
  );
});

test('Schemas describes users and groups in the form of 1.1', async () => {
  const { scim1 } = await newTenant1(provost.url);
  const list = await scim1('GET', '/Schemas');
  assert.equal(list.body['totalResults'], 2);
  const user = await scim1('GET', `/Schemas/${CORE}:User`);
  assert.equal(user.status, 200, user.text);
  const { attributes, ...facts } = user.body;
  assert.deepEqual(facts, {
    id: `${CORE}:User`,
    name: 'User',
    description: 'User Account',
    schema: CORE,
    endpoint: '/Users',
  });
  const named = (name: string): Attribute1 | undefined =>
    (attributes as Attribute1[]).find((attribute) => attribute.name === name);
  const emails = named('emails');
  assert.deepEqual([emails?.multiValued, emails?.multiValuedAttributeChildName], [true, 'email']);
  assert.ok(emails?.subAttributes?.some(({ name }) => name === 'operation'));
  assert.deepEqual([named('userName')?.required, named('id')?.readOnly], [true, true]);
  const manager = named('manager');
  assert.equal(manager?.schema, ENTERPRISE);
  assert.deepEqual(
    manager?.subAttributes?.map(({ name }) => name),
    ['managerId', 'displayName'],
  );
  assert.equal(named('profileUrl')?.type, 'string');
  assert.doesNotMatch(user.text, /urn:ietf|"reference"|\$ref/);
  const missing = await scim1('GET', '/Schemas/urn:nothing');
  assert.deepEqual([missing.status, errorOf(missing).code], [404, '404']);
});

test('Schemas are for whoever has authenticated', async () => {
  assert.equal((await sender(`${provost.url}/scim/v1`, {})('GET', '/Schemas')).status, 401);
});
