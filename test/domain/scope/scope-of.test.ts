import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isProvostError } from '../../../domain/errors.ts';
import { asResourceId } from '../../../domain/ids.ts';
import { GROUP_TYPE, USER_TYPE } from '../../../domain/scim/schema/resource-types.ts';
import { compileExpression } from '../../../domain/scope/compile-expression.ts';
import { scopeOf } from '../../../domain/scope/scope-of.ts';
import type { Scope } from '../../../domain/target-rules.ts';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const STAFF = asResourceId('group-staff');

const MAYA = {
  id: asResourceId('user-maya'),
  resource: {
    schemas: [],
    userName: 'maya',
    active: true,
    name: { familyName: 'Okafor' },
    emails: [{ value: 'maya@ex.test', type: 'work', primary: true }, { value: 'maya@home.test' }],
    [ENTERPRISE]: { department: 'Sales' },
  },
  groups: [{ id: STAFF, display: 'Staff', direct: false }],
};

const holds = (text: string, facts = MAYA): boolean => compileExpression(text, 'User', USER_TYPE).holdsFor(facts);
const fault = (text: string, type = USER_TYPE): string => {
  try {
    compileExpression(text, type.name, type);
  } catch (error) {
    if (isProvostError(error, 'INVALID_VALUE')) return error.message;
    throw error;
  }
  return 'none';
};

test('an expression sees attributes, extensions, groups and the id', () => {
  assert.equal(holds('resource.userName == "maya" && resource.active == true'), true);
  assert.equal(holds(`resource["${ENTERPRISE}"].department in ["Sales", "Support"]`), true);
  assert.equal(holds('groups.exists(g, g.display == "Staff" && !g.direct)'), true);
  assert.equal(holds('resource.emails.exists(e, e.type == "work" && e.value.endsWith("@ex.test"))'), true);
  assert.equal(holds('size(resource.emails.filter(e, e.type == "work")) == 1'), true);
  assert.equal(holds('id.startsWith("user-") ? true : false'), true);
});

test('a comparison with a missing attribute is false, wherever it stands', () => {
  assert.equal(holds('resource.title == "CEO"'), false);
  assert.equal(holds('resource.title != "CEO"'), false);
  assert.equal(holds('!(resource.title == "CEO")'), true);
  assert.equal(holds('resource.title.startsWith("C") || resource.userName == "maya"'), true);
  assert.equal(holds('resource.userName == "maya" && resource.name.givenName == "Maya"'), false);
  assert.equal(holds(`resource["${ENTERPRISE}"].manager.value == "x" ? true : resource.userName == "maya"`), true);
  assert.equal(holds('resource.phoneNumbers.exists(p, p.type == "work")'), false);
  assert.equal(holds('resource.emails.all(e, e.type == "work")'), false);
  assert.equal(holds('has(resource.title)'), false);
  assert.equal(holds('has(resource.name.familyName) && !has(resource.addresses)'), true);
  assert.equal(holds('resource.emails.map(e, e.type != "x", e.value).exists(v, v == "maya@ex.test")'), true);
});

test('what is wrong with an expression is said where it is saved', () => {
  assert.match(fault('resource.userName == '), /cannot be read/);
  assert.match(fault('size(groups)'), /gives int/);
  assert.match(fault('resource.active'), /true or false/);
  assert.match(fault('resource.username == "x"'), /spelt userName/);
  assert.match(fault('resource.salary == "x"'), /no attribute salary/);
  assert.match(fault('resource.groups.exists(g, true)'), /use groups/);
  assert.match(fault('has(resource.colour)'), /no attribute colour/);
  assert.match(fault('user.name == "x"'), /does not fit together/);
  assert.match(fault('size(groups) == "x"'), /does not fit together/);
  assert.match(fault('resource.userName == "x"', GROUP_TYPE), /A Group has no attribute userName/);
  assert.equal(fault('resource.displayName == "x"', GROUP_TYPE), 'none');
});

test('nothing that can blow up gets in', () => {
  assert.match(fault('resource.userName.matches("(a+)+$")'), /matches\(\) is not among/);
  assert.match(fault('cel.bind(a, "x", a == "x")'), /bind\(\) is not among/);
  assert.match(fault('groups.exists(g, whereKnown(g.direct))'), /whereKnown\(\) is not among/);
  assert.match(fault(`resource.userName == "${'x'.repeat(10_000)}"`), /10000 is the most/);
  assert.match(fault(Array.from({ length: 600 }, () => 'true').join('||')), /cannot be read/);
  assert.match(fault(`${'('.repeat(60)}true${')'.repeat(60)}`), /cannot be read/);
  assert.match(fault(`id in [${Array.from({ length: 501 }, () => '"x"').join(',')}]`), /cannot be read/);
});

test('an evaluation that costs too much is ended and has no answer', () => {
  const groups = Array.from({ length: 1_000 }, (_, index) => ({ id: asResourceId(`g${index}`), direct: true }));
  const scope: Scope = { User: 'groups.all(a, groups.all(b, groups.all(c, a.id != "x")))' };
  const started = performance.now();
  const answer = scopeOf({ scope }, 'User', { ...MAYA, groups });
  assert.equal(answer.kind, 'unknown');
  assert.ok(performance.now() - started < 2_000);
});

test('a comparison that has no answer is neither in nor out of scope', () => {
  const answer = scopeOf({ scope: { User: 'resource.userName < 5' } }, 'User', MAYA);
  assert.equal(answer.kind, 'unknown');
  assert.match(answer.kind === 'unknown' ? answer.because : '', /has no answer for this User/);
});

test('a role filter lets users in who are in one of its groups, themselves or through another', () => {
  assert.deepEqual(scopeOf({ scope: { members: [STAFF] } }, 'User', MAYA), { kind: 'in' });
  assert.equal(scopeOf({ scope: { members: [asResourceId('other')] } }, 'User', MAYA).kind, 'out');
  assert.equal(scopeOf({ scope: { members: [] } }, 'Group', MAYA).kind, 'in');
  assert.equal(scopeOf({ scope: { members: [STAFF], User: 'resource.userName == "x"' } }, 'User', MAYA).kind, 'out');
});
