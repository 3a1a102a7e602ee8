import assert from 'node:assert/strict';
import { test } from 'node:test';
import { differencesOf } from '../../../domain/approval/difference.ts';
import { type ApprovalRule, ruleFor } from '../../../domain/approval/rule.ts';
import { EVERYTHING, overlap } from '../../../domain/approval/touches.ts';
import { asResourceId, asServiceProviderId, asTargetId } from '../../../domain/ids.ts';

const subject = {
  operation: 'patch',
  resourceType: 'Group',
  resourceId: asResourceId('g'),
  source: 'scim2',
  serviceProvider: asServiceProviderId('s'),
  touches: ['members'],
  facts: { before: {}, after: {}, actor: 'a' },
} as const;

const fits = (rule: Omit<ApprovalRule, 'name' | 'stages'>, touches: readonly string[] = subject.touches): boolean =>
  ruleFor([{ name: 'r', stages: [], ...rule }], { ...subject, touches }) !== undefined;

test('a rule fits where everything that it names does', () => {
  assert.equal(fits({}), true);
  assert.equal(fits({ operations: ['patch'], resourceTypes: ['Group'], attributes: ['MEMBERS'] }), true);
  assert.equal(fits({ operations: ['create'] }), false);
  assert.equal(fits({ sources: ['soap'] }), false);
  assert.equal(fits({ attributes: ['title'] }), false);
});

test('a rule about a group fits only where its members are touched', () => {
  assert.equal(fits({ groups: [asResourceId('g')] }), true);
  assert.equal(fits({ groups: [asResourceId('other')] }), false);
  assert.equal(fits({ groups: [asResourceId('g')] }, ['displayName']), false);
});

test('changes overlap where they touch an attribute in common, whatever its case', () => {
  assert.equal(overlap(['title'], ['nickName', 'TITLE']), true);
  assert.equal(overlap(['title'], ['nickName']), false);
  assert.equal(overlap([EVERYTHING], ['nickName']), true);
  assert.equal(overlap([EVERYTHING], []), false);
});

test('what is shown are the attributes that differ, those of extensions one by one', () => {
  const before = { schemas: ['u'], title: 'Clerk', emails: [{ value: 'a' }, { value: 'b' }], 'urn:x': { a: 1, b: 1 } };
  const after = {
    schemas: ['u', 'v'],
    emails: [{ value: 'b' }, { value: 'a' }],
    'urn:x': { a: 1, b: 2 },
    nickName: 'N',
  };
  assert.deepEqual(differencesOf(before, after), [
    { attribute: 'nickName', after: 'N' },
    { attribute: 'title', before: 'Clerk' },
    { attribute: 'urn:x:b', before: 1, after: 2 },
  ]);
});

test('a rule before targets fits a step alone, and one before persisting the change alone', () => {
  const at = (rule: Omit<ApprovalRule, 'name' | 'stages'>, target?: string): boolean =>
    ruleFor([{ name: 'r', stages: [], ...rule }], {
      ...subject,
      ...(target === undefined ? {} : { target: asTargetId(target) }),
    }) !== undefined;
  assert.equal(at({ before: 'target' }), false);
  assert.equal(at({ before: 'target' }, 't'), true);
  assert.equal(at({ before: 'target', targets: [asTargetId('t')] }, 't'), true);
  assert.equal(at({ before: 'target', targets: [asTargetId('other')] }, 't'), false);
  assert.equal(at({ before: 'persist' }, 't'), false);
  assert.equal(at({ before: 'persist' }), true);
});

test('a rule with a risk fits where the expression holds, and where it has no answer', () => {
  const risky = (risk: string): boolean =>
    ruleFor([{ name: 'r', stages: [], risk }], {
      ...subject,
      touches: ['title'],
      facts: { before: { title: 'Clerk' }, after: { title: 'Chief' }, actor: 'a' },
    }) !== undefined;
  assert.equal(risky('after.title == "Chief" && before.title != after.title'), true);
  assert.equal(risky('attributes.exists(a, a == "userName") || source == "soap"'), false);
  assert.equal(risky('after.roles.exists(r, r.value == "admin")'), false, 'a missing attribute is nothing to compare');
  assert.equal(risky('after.title < 5'), true, 'no answer asks');
});
