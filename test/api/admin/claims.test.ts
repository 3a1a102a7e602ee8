import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pathsOf, startAdmin } from './fixture.ts';

const NICKNAME = { claim: 'http://wso2.org/claims/nickname', attribute: 'nickName', displayName: 'Nick' };

test("a tenant has WSO2's claims until an administrator replaces them", async (context) => {
  const { base, admin } = await (await startAdmin(context)).tenantWithAdmin();
  const standard = await admin('GET', `${base}/claims`);
  assert.equal(standard.status, 200);
  assert.equal(standard.body['isDefault'], true);
  assert.match(standard.text, /"claim":"http:\/\/wso2.org\/claims\/givenname","attribute":"name.givenName"/);

  const replaced = await admin('PUT', `${base}/claims`, { items: [NICKNAME] });
  assert.deepEqual([replaced.status, replaced.body], [200, { items: [NICKNAME], isDefault: false }]);
  assert.deepEqual((await admin('GET', `${base}/claims`)).body, replaced.body);
});

test('what the default table shows can be sent back', async (context) => {
  const { base, admin } = await (await startAdmin(context)).tenantWithAdmin();
  const { items } = (await admin('GET', `${base}/claims`)).body;
  const replaced = await admin('PUT', `${base}/claims`, { items });
  assert.deepEqual([replaced.status, replaced.body['items']], [200, items], replaced.text);
});

test('a claim that a user has no attribute for, or that is there twice, is refused with its path', async (context) => {
  const { base, admin } = await (await startAdmin(context)).tenantWithAdmin();
  const row = (attribute: string, more: object = {}) => ({
    ...NICKNAME,
    claim: `urn:x:${encodeURIComponent(attribute)}`,
    attribute,
    ...more,
  });
  const refused = await admin('PUT', `${base}/claims`, {
    items: [
      NICKNAME,
      NICKNAME,
      row('shoeSize'),
      row('name'),
      row('password'),
      row('emails[type sw "w"].value'),
      row('title', { negated: true }),
      row('title.', {}),
    ],
  });
  assert.equal(refused.status, 400);
  assert.deepEqual(pathsOf(refused), [
    'items[1].claim',
    'items[2].attribute',
    'items[3].attribute',
    'items[4].attribute',
    'items[5].attribute',
    'items[6].attribute',
    'items[7].attribute',
  ]);
  assert.equal((await admin('PUT', `${base}/claims`, { items: [] })).status, 400);
});
