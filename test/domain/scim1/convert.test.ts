import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isProvostError } from '../../../domain/errors.ts';
import { isSameValue } from '../../../domain/scim/json.ts';
import { parseResource } from '../../../domain/scim/parse-resource.ts';
import type { ScimObject } from '../../../domain/scim/resource.ts';
import { GROUP_TYPE, USER_TYPE } from '../../../domain/scim/schema/resource-types.ts';
import { fromScim2 } from '../../../domain/scim1/from-scim2.ts';
import { toName2 } from '../../../domain/scim1/names.ts';
import { toScim2 } from '../../../domain/scim1/to-scim2.ts';
import { anyResource } from './any-resource.ts';

const CORE = 'urn:scim:schemas:core:1.0';
const ENTERPRISE = 'urn:scim:schemas:extension:enterprise:1.0';
const ENTERPRISE_2 = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

for (const type of [USER_TYPE, GROUP_TYPE])
  test(`a ${type.name} of 2.0 loses nothing by way of 1.1 that 1.1 can say`, () => {
    fc.assert(
      fc.property(anyResource(type), (resource) => {
        const shown = fromScim2({ ...resource, id: '7', meta: { resourceType: type.name, version: 'W/"1"' } }, type);
        assert.doesNotMatch(JSON.stringify([shown['schemas'], Object.keys(shown)]), /urn:ietf/);
        const { resource: back } = parseResource(toScim2(shown, type), type, { mode: 'tolerant' });
        assert.ok(isSameValue(back, resource), `${JSON.stringify(back)} is not ${JSON.stringify(resource)}`);
      }),
      { numRuns: 500 },
    );
  });

test('any JSON is converted or refused, never a crash', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(USER_TYPE, GROUP_TYPE), (input, type) => {
      try {
        toScim2(input, type);
        toScim2(
          { schemas: input, userName: input, emails: input, [ENTERPRISE]: input, members: input, meta: input },
          type,
        );
      } catch (error) {
        assert.ok(isProvostError(error), String(error));
      }
    }),
  );
});

test('the enterprise extension is found under the names that 1.1 and WSO2 have for it, the manager by managerId', () => {
  for (const key of [ENTERPRISE, 'urn:scim:schemas:extension:wso2:1.0', 'wso2Extension', ENTERPRISE.toUpperCase()])
    assert.deepEqual(
      toScim2({ [key]: { department: 'Tour', manager: { managerId: '26', displayName: 'J' } } }, USER_TYPE),
      {
        [ENTERPRISE_2]: { department: 'Tour', manager: { value: '26', displayName: 'J' } },
      },
    );
});

test('1.1 shows its own URNs, managerId, and no reference', () => {
  const resource: ScimObject = {
    schemas: [USER_TYPE.schema.id, ENTERPRISE_2],
    userName: 'bjensen',
    groups: [{ value: '9', $ref: 'http://x/Groups/9', display: 'Tour', type: 'direct' }],
    [ENTERPRISE_2]: { manager: { value: '26', $ref: 'http://x/Users/26', displayName: 'J' } },
    meta: { resourceType: 'User', created: '2026-01-01T00:00:00Z', version: 'W/"2"', location: 'http://x/Users/1' },
  };
  assert.deepEqual(fromScim2(resource, USER_TYPE), {
    schemas: [CORE, ENTERPRISE],
    userName: 'bjensen',
    groups: [{ value: '9', display: 'Tour', type: 'direct' }],
    [ENTERPRISE]: { manager: { managerId: '26', displayName: 'J' } },
    meta: { created: '2026-01-01T00:00:00Z', version: 'W/"2"', location: 'http://x/Users/1' },
  });
});

test('values that are to be deleted are no values of a whole resource', () => {
  const emails = [{ value: 'a@x.test', operation: 'delete' }, { value: 'b@x.test', operation: null }, 'c@x.test'];
  assert.deepEqual(toScim2({ emails }, USER_TYPE), { emails: [{ value: 'b@x.test' }, 'c@x.test'] });
});

test('the primary store is what a name is in with or without saying so; there is no other', () => {
  assert.deepEqual(toScim2({ userName: 'primary/maya' }, USER_TYPE), { userName: 'maya' });
  assert.throws(
    () => toScim2({ userName: 'HR/maya' }, USER_TYPE),
    (error) => isProvostError(error, 'INVALID_VALUE') && error.facts.path === 'userName',
  );
  assert.deepEqual(toScim2({ displayName: 'PRIMARY/staff' }, GROUP_TYPE), { displayName: 'staff' });
  assert.deepEqual(toScim2({ displayName: 'Internal/staff' }, GROUP_TYPE), { displayName: 'Internal/staff' });
  assert.deepEqual(toScim2({ displayName: 'R/D' }, USER_TYPE), { displayName: 'R/D' });
});

test('names of attributes are known with and without their URN', () => {
  const names = {
    userName: 'userName',
    [`${CORE}:userName`]: 'userName',
    [`${CORE}:name.givenName`]: 'name.givenName',
    'emails.value': 'emails.value',
    [`${ENTERPRISE}:manager.managerId`]: `${ENTERPRISE_2}:manager.value`,
    'manager.managerId': `${ENTERPRISE_2}:manager.value`,
    department: `${ENTERPRISE_2}:department`,
    'wso2Extension.department': `${ENTERPRISE_2}:department`,
    [ENTERPRISE]: ENTERPRISE_2,
    'urn:acme:1.0:User:badge': 'urn:acme:1.0:User:badge',
    nonsense: 'nonsense',
    'not a name': 'not a name',
  };
  for (const [written, expected] of Object.entries(names)) assert.equal(toName2(written, USER_TYPE), expected);
});
