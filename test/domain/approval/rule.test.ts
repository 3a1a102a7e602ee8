import assert from 'node:assert/strict';
import { test } from 'node:test';
import { differencesOf } from '../../../domain/approval/difference.ts';
import { type ApprovalRule, EVERYTHING, overlap, ruleFor } from '../../../domain/approval/rule.ts';
import { asResourceId, asServiceProviderId } from '../../../domain/ids.ts';

const subject = {
  operation: 'patch',
  resourceType: 'Group',
  resourceId: asResourceId('g'),
  source: 'scim2',
  serviceProvider: asServiceProviderId('s'),
  touches: ['members'],
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
