import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../until.ts';
import { startInstallation, type TestInstallation } from './installation.ts';
import { newTenant, type TestTenant } from './tenant.ts';

let provost: TestInstallation;
before(async () => {
  provost = await startInstallation();
});
after(async () => {
  await provost.stop();
});

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const PATCH = ['urn:ietf:params:scim:api:messages:2.0:PatchOp'];

type Counted = { readonly code: string; readonly count: number; readonly meaning: string; readonly path?: string };

const countsOf = async ({ admin, serviceProvider }: TestTenant): Promise<Map<string, Counted>> => {
  const answer = await admin('GET', `/service-providers/${serviceProvider}/deviations`);
  assert.equal(answer.status, 200, answer.text);
  return new Map((answer.body['items'] as Counted[]).map((item) => [item.code, item]));
};

/** What no strict reader would take, in one life of a user. */
async function stray({ scim }: TestTenant): Promise<number[]> {
  const created = await scim('POST', '/Users', { userName: 'ada', active: 'True', shoeSize: 44 });
  const path = `/Users/${created.body['id']}`;
  const patch = (...Operations: object[]) => scim('PATCH', path, { schemas: PATCH, Operations });
  const answers = [
    created,
    await patch({ op: 'Replace', path: 'emails[type eq "work"].value', value: 'a@x.example' }),
    await patch({ op: 'Replace', path: 'phoneNumbers[type eq "work"].value', value: '1' }),
    await patch({ op: 'remove', path: 'ims[type eq "aim"]' }),
    await patch({ op: 'replace', value: { title: 'Countess' } }),
    await scim('GET', '/Users?filter=externalId%20eq%20ada'),
  ];
  return answers.map(({ status }) => status);
}

test('what clients of an observed service provider do differently is accepted, counted and shown by what it is', async () => {
  const tenant = await newTenant(provost.url, { mode: 'persist', conformance: 'observed' });
  assert.deepEqual(await stray(tenant), [201, 200, 200, 200, 200, 200]);
  const counts = await until(
    'the counts',
    () => countsOf(tenant),
    (seen) => seen.has('nothing-matched') && seen.has('loose-filter') && (seen.get('element-created')?.count ?? 0) > 1,
  );
  assert.deepEqual(Object.fromEntries([...counts].map(([code, { count }]) => [code, count])), {
    'coerced-boolean': 1,
    'element-created': 2,
    'loose-filter': 1,
    'no-path': 1,
    'nothing-matched': 1,
    'operation-case': 2,
    'schemas-missing': 1,
    'unknown-attribute': 1,
  });
  const unknown = counts.get('unknown-attribute');
  assert.deepEqual(
    [unknown?.path, /no schema of the resource type has/.test(unknown?.meaning ?? '')],
    ['shoeSize', true],
  );

  const place = `/service-providers/${tenant.serviceProvider}/deviations`;
  assert.equal((await tenant.admin('DELETE', place)).status, 204);
  assert.equal((await countsOf(tenant)).size, 0);
  assert.equal((await tenant.admin('GET', '/service-providers/none/deviations')).status, 404);
});

test('the same of a tolerant service provider is accepted and not counted', async () => {
  const [tolerant, observed] = await Promise.all([
    newTenant(provost.url, { mode: 'persist' }),
    newTenant(provost.url, { mode: 'persist', conformance: 'observed' }),
  ]);
  assert.deepEqual(await stray(tolerant), [201, 200, 200, 200, 200, 200]);
  // What another one strayed afterwards is there, so what was to be counted before would be.
  await stray(observed);
  await until(
    'the counts of another',
    () => countsOf(observed),
    (seen) => seen.has('nothing-matched') && seen.has('loose-filter'),
  );
  assert.equal((await countsOf(tolerant)).size, 0);
});

test('the same of a strict one is refused with how to mend it, and it is told that the interoperability profile is kept', async () => {
  const tenant = await newTenant(provost.url, { mode: 'persist', conformance: 'strict' });
  const { scim } = tenant;
  const created = await scim('POST', '/Users', { schemas: [USER], userName: 'ada' });
  const path = `/Users/${created.body['id']}`;
  const patch = (...Operations: object[]) => scim('PATCH', path, { schemas: PATCH, Operations });
  for (const [answer, scimType] of [
    [await scim('POST', '/Users', { userName: 'a' }), 'invalidSyntax'],
    [await scim('POST', '/Users', { schemas: [USER], userName: 'a', shoeSize: 44 }), 'invalidSyntax'],
    [await scim('POST', '/Users', { schemas: [USER, 'urn:x:none'], userName: 'a' }), 'invalidSyntax'],
    [await scim('POST', '/Users', { schemas: [USER], userName: 'a', active: 'True' }), 'invalidValue'],
    [await patch({ op: 'Replace', path: 'title', value: 'x' }), 'invalidSyntax'],
    [await patch({ op: 'replace', value: { title: 'x' } }), 'invalidSyntax'],
    [await patch({ op: 'replace', path: 'shoeSize', value: 'x' }), 'invalidPath'],
    [await patch({ op: 'replace', path: 'emails[type eq "work"].value', value: 'x' }), 'noTarget'],
    [await scim('GET', '/Users?filter=externalId%20eq%20ada'), 'invalidFilter'],
    [await scim('GET', '/Users?filter=shoeSize%20eq%2044'), 'invalidFilter'],
  ] as const) {
    assert.deepEqual([answer.status, answer.body['scimType']], [400, scimType], answer.text);
    assert.ok(String(answer.body['detail']).length > 10);
  }
  const taken = await scim('POST', '/Users', { schemas: [USER], userName: 'ADA' });
  assert.deepEqual([taken.status, taken.body['scimType']], [409, 'uniqueness']);
  assert.equal((await scim('GET', '/ServiceProviderConfig')).body['interopProfileConformant'], true);

  const tolerant = await newTenant(provost.url, { mode: 'persist' });
  assert.equal((await tolerant.scim('GET', '/ServiceProviderConfig')).body['interopProfileConformant'], undefined);
  const anybody = await fetch(`${provost.url}/scim/v2/ServiceProviderConfig`, {
    headers: { authorization: 'Basic eDp5' },
  });
  assert.equal(anybody.status, 200, 'also to who has no good credentials');
});
