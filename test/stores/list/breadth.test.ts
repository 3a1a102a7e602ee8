import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFilter } from '../../../domain/scim/filter/parse-filter.ts';
import { resolveFilter } from '../../../domain/scim/filter/resolve-filter.ts';
import { USER_TYPE } from '../../../domain/scim/schema/resource-types.ts';
import { compileFilter } from '../../../stores/filter/compile-filter.ts';
import { breadthOf } from '../../../stores/list/breadth.ts';

const BREADTHS = {
  narrow: [
    'userName eq "a"',
    'userName eq "a" or userName eq "b" or externalId eq "c"',
    'emails[type eq "work" and value eq "a"]',
    'active eq true and id eq "a"',
  ],
  open: ['meta.lastModified gt "2026-01-01T00:00:00Z"', 'userName sw "a"', 'userName sw "a" or displayName eq "b"'],
  broad: ['active eq true', 'userName co "a"', 'not (userName eq "a")', 'userName pr', 'userName eq "a" or title pr'],
} as const;

for (const [breadth, filters] of Object.entries(BREADTHS)) {
  for (const filter of filters) {
    test(`${filter} is ${breadth}`, () => {
      assert.equal(breadthOf(compileFilter(resolveFilter(parseFilter(filter), USER_TYPE))), breadth);
    });
  }
}

test('no filter at all is broad', () => {
  assert.equal(breadthOf({ tenant: 'acme', type: 'User' }), 'broad');
});
