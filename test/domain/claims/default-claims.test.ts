import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bindClaim } from '../../../domain/claims/bind-claim.ts';
import { dialectOf } from '../../../domain/claims/claim-mapping.ts';
import { claimTable } from '../../../domain/claims/claim-table.ts';
import { DEFAULT_CLAIMS } from '../../../domain/claims/default-claims.ts';
import { USER_TYPE } from '../../../domain/scim/schema/resource-types.ts';

test('every claim of the default table is an attribute of a user, and is there once', () => {
  for (const mapping of DEFAULT_CLAIMS) assert.ok(bindClaim(mapping, USER_TYPE), mapping.claim);
  assert.equal(new Set(DEFAULT_CLAIMS.map(({ claim }) => claim)).size, DEFAULT_CLAIMS.length);
  assert.equal(claimTable(undefined, USER_TYPE).size, DEFAULT_CLAIMS.length);
});

test('a row whose attribute the schema does not have is left out of the table, and the others stay', () => {
  const rows = [
    { claim: 'urn:a', attribute: 'gone', displayName: 'A' },
    { claim: 'urn:b', attribute: 'title', displayName: 'B' },
  ];
  assert.deepEqual([...claimTable(rows, USER_TYPE).keys()], ['urn:b']);
});

test("claims of WSO2's dialect say so, and others by what stands before their name", () => {
  assert.equal(dialectOf('http://wso2.org/claims/identity/accountDisabled'), 'http://wso2.org/claims');
  assert.equal(
    dialectOf('urn:ietf:params:scim:schemas:core:2.0:User:title'),
    'urn:ietf:params:scim:schemas:core:2.0:User',
  );
  assert.equal(dialectOf('http://ex.test/claims/x'), 'http://ex.test/claims');
});
