import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asksAnybody } from '../../../domain/approval/asks-anybody.ts';
import { type ApprovalRule, type ApprovalSubject, ruleFor } from '../../../domain/approval/rule.ts';
import { saidBy } from '../../../domain/approval/said.ts';
import { asResourceId, asServiceProviderId, asTargetId } from '../../../domain/ids.ts';
import { ENTERPRISE_USER_SCHEMA, type PatchOperation } from '../../../domain/scim/resource.ts';
import { USER_TYPE } from '../../../domain/scim/schema/resource-types.ts';

const said = (...operations: PatchOperation[]) => saidBy(operations, USER_TYPE);

test('a PATCH of what is not kept says something about the attributes of its paths and of its values without one', () => {
  assert.deepEqual(said({ op: 'replace', path: 'title', value: 'King' }), [{ attribute: 'title', after: 'King' }]);
  assert.deepEqual(said({ op: 'remove', path: 'title' }), [{ attribute: 'title' }]);
  const role: PatchOperation = { op: 'add', path: 'roles[type eq "x"].value', value: 'admin' };
  assert.deepEqual(said(role), [{ attribute: 'roles', after: [role] }]);
  const attributes = (...operations: PatchOperation[]) => said(...operations).map(({ attribute }) => attribute);
  const value = { nickName: 'N', [ENTERPRISE_USER_SCHEMA]: { department: 'D' } };
  assert.deepEqual(attributes({ op: 'add', value }), ['nickName', `${ENTERPRISE_USER_SCHEMA}:department`]);
  assert.deepEqual(attributes({ op: 'add', path: `${ENTERPRISE_USER_SCHEMA}:manager.value`, value: 'm' }), [
    `${ENTERPRISE_USER_SCHEMA}:manager`,
  ]);
  assert.ok(attributes({ op: 'remove', path: ENTERPRISE_USER_SCHEMA }).includes(`${ENTERPRISE_USER_SCHEMA}:manager`));
  assert.deepEqual(attributes({ op: 'add', path: 'whoKnows', value: 1 }), ['*'], 'about everything, for all we know');
  assert.deepEqual(attributes({ op: 'add', path: '][', value: 1 }), ['*']);
  assert.deepEqual(attributes({ op: 'add', value: 'x' }), ['*']);
});

const subject: ApprovalSubject = {
  operation: 'patch',
  resourceType: 'User',
  resourceId: asResourceId('u'),
  source: 'scim2',
  serviceProvider: asServiceProviderId('s'),
  touches: ['title'],
  facts: { before: {}, after: { title: 'Clerk' }, actor: 'a' },
};
const rule = (own: Partial<ApprovalRule>): ApprovalRule => ({ name: 'r', stages: [], ...own });

test('a risk expression about what nobody knows asks, and one about what is known decides', () => {
  const asks = (risk: string, own: Partial<ApprovalSubject> = {}) =>
    ruleFor([rule({ risk })], { ...subject, ...own }) !== undefined;
  assert.equal(asks('before.title != after.title'), false, 'missing before compares as false');
  assert.equal(asks('before.title != after.title', { unknown: ['before'] }), true);
  assert.equal(asks('after.title == "Chief"', { unknown: ['before'] }), false);
  assert.equal(asks('after.title == "Chief"', { unknown: ['before', 'after'] }), true);
  assert.equal(asks('"roles" in attributes', { touches: ['title', '*'] }), true);
  assert.equal(asks('"roles" in attributes'), false);
});

test('whether anybody may be asked counts rules before targets, whichever target and operation it is there', () => {
  assert.equal(asksAnybody([rule({ attributes: ['roles'] })], subject), false);
  assert.equal(asksAnybody([rule({ attributes: ['title'] })], subject), true);
  assert.equal(asksAnybody([rule({ before: 'target', attributes: ['title'] })], subject), true);
  assert.equal(
    asksAnybody([rule({ before: 'target', targets: [asTargetId('t')], operations: ['create'] })], subject),
    true,
  );
  assert.equal(asksAnybody([rule({ before: 'target', attributes: ['roles'] })], subject), false);
});
