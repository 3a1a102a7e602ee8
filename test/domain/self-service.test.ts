import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MappingRule } from '../../domain/mapping/mapping.ts';
import type { Policy, Target } from '../../domain/policy.ts';
import { USER_TYPE } from '../../domain/scim/schema/resource-types.ts';
import { closedToSelf } from '../../domain/self-service.ts';

const policyWith = (target: Partial<Target>, open: readonly string[] = []) =>
  ({
    identityProviders: [{ targets: [{ matchBy: 'userName', mapping: { kind: 'like-for-like' }, ...target }] }],
    selfService: { open },
  }) as unknown as Policy;

/** What is closed beyond what always is. */
const closedBy = (target: Partial<Target>, open?: readonly string[]): string[] =>
  [...closedToSelf(policyWith(target, open), USER_TYPE)].filter(
    (name) => !closedToSelf(policyWith({}), USER_TYPE).has(name),
  );

const rules = (...given: readonly MappingRule[]) => ({ mapping: { kind: 'rules', rules: given } as const });

test('what accounts are matched by is closed, wherever its value comes from', () => {
  assert.deepEqual(closedBy({ matchBy: 'nickName' }), ['nickName']);
  assert.deepEqual(closedBy({ matchBy: 'name.familyName' }), ['name']);
  assert.deepEqual(closedBy({ matching: { rules: [{ attributes: ['title'] }, { attributes: ['locale'] }] } }), [
    'title',
    'locale',
  ]);
  const mapped = (rule: object) => closedBy({ matchBy: 'mail', ...rules({ target: 'mail', ...rule } as MappingRule) });
  assert.deepEqual(mapped({ source: 'addresses[type eq "work"].locality' }), ['addresses']);
  assert.deepEqual(mapped({ expression: 'resource.displayName + "@acme"' }), ['displayName']);
  assert.deepEqual(mapped({ unique: ['resource.nickName', 'resource.title'] }).sort(), ['nickName', 'title']);
  assert.deepEqual(mapped({ constant: 'x' }), []);
  assert.deepEqual(mapped({ pattern: '{UN}' }), []);
  assert.deepEqual(closedBy({ matchBy: 'mail', ...rules({ target: 'mail', source: 'title', for: 'Group' }) }), []);
});

test('what a scope reads is closed, and everything where that cannot be told', () => {
  const reading = (User: string, open?: readonly string[]) => closedBy({ scope: { User } }, open);
  assert.deepEqual(reading('has(resource.timezone) && resource.name.familyName == "x"').sort(), ['name', 'timezone']);
  assert.deepEqual(reading('resource["title"] == "Boss"'), ['title']);
  assert.deepEqual(reading('groups.exists(g, g.displayName == "x")'), []);
  for (const opaque of ['["title"].exists(n, resource[n] == "Boss")', 'not an expression ('])
    assert.ok(reading(opaque).includes('profileUrl'), opaque);
  assert.ok(!reading('not an expression (', ['profileUrl']).includes('profileUrl'));
});

test('a tenant opens what it likes but what gives rights', () => {
  const closed = closedToSelf(policyWith({}, ['emails', 'PHONENUMBERS', 'roles']), USER_TYPE);
  assert.deepEqual(
    ['emails', 'phoneNumbers', 'x509Certificates', 'roles'].map((name) => closed.has(name)),
    [false, false, true, true],
  );
});
