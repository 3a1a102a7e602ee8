import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { resourceAsXml } from '../../../api/scim1/xml/answer-as-xml.ts';
import { resourceFromXml } from '../../../api/scim1/xml/resource-from-xml.ts';
import { readXml } from '../../../api/xml/read-xml.ts';
import { isSameValue } from '../../../domain/scim/json.ts';
import { parseResource } from '../../../domain/scim/parse-resource.ts';
import { GROUP_TYPE, USER_TYPE } from '../../../domain/scim/schema/resource-types.ts';
import { fromScim2 } from '../../../domain/scim1/from-scim2.ts';
import { CORE_SCHEMA_1 as CORE, ENTERPRISE_SCHEMA_1 as ENTERPRISE } from '../../../domain/scim1/names.ts';
import { toScim2 } from '../../../domain/scim1/to-scim2.ts';
import { anyResource } from '../../domain/scim1/any-resource.ts';

for (const type of [USER_TYPE, GROUP_TYPE])
  test(`any ${type.name} comes back from XML as it was`, () => {
    fc.assert(
      fc.property(anyResource(type), (resource) => {
        const text = resourceAsXml(fromScim2(resource, type), type.name);
        const { resource: back } = parseResource(toScim2(resourceFromXml(readXml(text), type), type), type, {
          mode: 'strict',
        });
        assert.ok(isSameValue(back, resource), `${text}\n${JSON.stringify(back)}\nis not\n${JSON.stringify(resource)}`);
      }),
      { numRuns: 500 },
    );
  });

test('values stand in one element together, or each in one of the attribute’s own name', () => {
  const emails = [{ value: 'a@x.test' }, { value: 'b@x.test' }];
  for (const text of [
    '<emails><email><value>a@x.test</value></email><email><value>b@x.test</value></email></emails>',
    '<emails><value>a@x.test</value></emails><emails><value>b@x.test</value></emails>',
  ])
    assert.deepEqual(resourceFromXml(readXml(`<User xmlns="${CORE}">${text}</User>`), USER_TYPE)['emails'], emails);
});

test('the extension is known by its namespace or by the name that WSO2 gives it', () => {
  for (const text of [
    `<department xmlns="${ENTERPRISE}">Tour</department>`,
    '<wso2Extension><department>Tour</department></wso2Extension>',
  ])
    assert.deepEqual(resourceFromXml(readXml(`<User xmlns="${CORE}">${text}</User>`), USER_TYPE), {
      schemas: [CORE, ENTERPRISE],
      [ENTERPRISE]: { department: 'Tour' },
    });
});

test('nil clears, booleans are booleans, other text is kept with its white space', () => {
  const xsi = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"';
  const text = `<User ${xsi}><title xsi:nil="true"/><active> true </active><nickName> two  words </nickName></User>`;
  assert.deepEqual(resourceFromXml(readXml(text), USER_TYPE), {
    schemas: [CORE],
    title: null,
    active: true,
    nickName: ' two  words ',
  });
});
