import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keptSince, NOTHING_KNOWN, notCompared, sentPaths, withSentInVain } from '../../domain/retention.ts';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const content = { userName: 'ada', title: 'Countess', nickName: 'A', active: true };
const known = { ...NOTHING_KNOWN, notKept: ['title'], onRequest: ['nickName'] };
const shown = { userName: 'ada', active: true };

test('what was sent is named by paths; what is empty, never shown, or ends access is not looked for', () => {
  const sent = {
    schemas: ['x'],
    password: 'secret',
    active: false,
    userName: 'ada',
    name: { givenName: 'Ada', middleName: null },
    emails: [{ value: 'ada@example.com' }],
    roles: [],
    [ENTERPRISE]: { department: 'A', manager: { value: 'm' } },
  };
  assert.deepEqual(sentPaths(sent), [
    'userName',
    'name.givenName',
    'emails',
    `${ENTERPRISE}:department`,
    `${ENTERPRISE}:manager.value`,
  ]);
});

test('a link of an older release is compared without what its target is known not to keep', () => {
  assert.deepEqual(notCompared({ content }, shown, known), ['title', 'nickName']);
  assert.deepEqual(notCompared({ content }, { ...shown, title: 'Other', nickName: 'B' }, known), []);
  assert.deepEqual(keptSince({ content }, { ...shown, title: 'Countess' }, known), ['title']);
});

test('an account that kept it once is compared with it, and one that never did is not', () => {
  assert.deepEqual(notCompared({ content, notKept: [] }, shown, known), ['nickName']);
  assert.deepEqual(notCompared({ content, notKept: ['title'] }, { ...shown, title: 'Other' }, known), [
    'title',
    'nickName',
  ]);
  assert.deepEqual(keptSince({ content, notKept: ['title'] }, { ...shown, title: 'Other' }, known), []);
});

test('what was not kept is sent again when it is new, or when the target keeps it from somebody', () => {
  const link = { content, notKept: ['title'] };
  assert.deepEqual(withSentInVain(shown, content, link, known), { ...shown, title: 'Countess', nickName: 'A' });
  assert.deepEqual(withSentInVain(shown, { ...content, title: 'Analyst' }, link, known), { ...shown, nickName: 'A' });
  assert.deepEqual(withSentInVain(shown, content, link, NOTHING_KNOWN), shown);
});

test('a password that is sent is compared with nothing', () => {
  assert.deepEqual(notCompared({ content: { ...content, password: 'x' }, notKept: [] }, shown, NOTHING_KNOWN), [
    'password',
  ]);
});
