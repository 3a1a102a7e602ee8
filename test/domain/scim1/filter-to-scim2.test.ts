import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isProvostError } from '../../../domain/errors.ts';
import { parseFilter } from '../../../domain/scim/filter/parse-filter.ts';
import { GROUP_TYPE, USER_TYPE } from '../../../domain/scim/schema/resource-types.ts';
import { filterToScim2 } from '../../../domain/scim1/filter-to-scim2.ts';

const ENTERPRISE_2 = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

const EXPECTED: Readonly<Record<string, string>> = {
  'userName eq "bjensen"': 'userName eq "bjensen"',
  'userName Eq bjensen': 'userName eq "bjensen"',
  'userName EQ PRIMARY/bjensen': 'userName eq "bjensen"',
  'userName eq john@example.com': 'userName eq "john@example.com"',
  'displayName Eq Sales Team': 'displayName eq "Sales Team"',
  'name.familyName co "O\'Malley"': 'name.familyName co "O\'Malley"',
  'title pr and (userType eq "Employee" or userType eq "Intern")':
    'title pr and (userType eq "Employee" or userType eq "Intern")',
  'meta.lastModified ge "2011-05-13T04:42:34Z"': 'meta.lastModified ge "2011-05-13T04:42:34Z"',
  'urn:scim:schemas:core:1.0:userName sw "j"': 'userName sw "j"',
  'urn:scim:schemas:extension:enterprise:1.0:department eq "Tour"': `${ENTERPRISE_2}:department eq "Tour"`,
  'manager.managerId eq "26"': `${ENTERPRISE_2}:manager.value eq "26"`,
  'employeeNumber eq 701984': `${ENTERPRISE_2}:employeeNumber eq 701984`,
  'employeeNumber eq 1.50': `${ENTERPRISE_2}:employeeNumber eq "1.50"`,
  'active eq true': 'active eq true',
};

for (const [written, expected] of Object.entries(EXPECTED))
  test(`${written} is understood`, () => {
    assert.equal(filterToScim2(written, USER_TYPE), expected);
  });

test('a group of the primary store is found by its name with domain', () => {
  assert.equal(filterToScim2('displayName Eq PRIMARY/staff', GROUP_TYPE), 'displayName eq "staff"');
});

test('what is no filter is refused', () => {
  for (const text of [
    '',
    'userName',
    'userName eq',
    'userName is "x"',
    'userName eq "x',
    '(userName pr',
    'and',
    'userName eq x) or',
  ])
    assert.throws(
      () => filterToScim2(text, USER_TYPE),
      (error) => isProvostError(error, 'INVALID_FILTER'),
      text,
    );
});

test('whatever is sent as a filter becomes one of 2.0 or is refused', () => {
  const word = fc.constantFrom(
    'userName',
    'emails',
    'Eq',
    'pr',
    'and',
    'or',
    'not',
    '(',
    ')',
    '[',
    ']',
    '"a b"',
    'x',
    '7',
    'true',
    'manager.managerId',
    'urn:scim:schemas:core:1.0:title',
    '"',
  );
  fc.assert(
    fc.property(
      fc.array(word, { maxLength: 12 }).map((words) => words.join(' ')),
      (text) => {
        let converted: string;
        try {
          converted = filterToScim2(text, USER_TYPE);
        } catch (error) {
          assert.ok(isProvostError(error, 'INVALID_FILTER'), String(error));
          return;
        }
        parseFilter(converted);
      },
    ),
    { numRuns: 3_000 },
  );
});

test('a filter that is too long, or ends in spaces without end, is refused', () => {
  for (const text of [`a eq ${' '.repeat(4_000)}(`, `a eq ${' '.repeat(1_048_576)}(`, `a eq ${'x'.repeat(5_000)}`])
    assert.throws(() => filterToScim2(text, USER_TYPE), { code: 'INVALID_FILTER' });
});
