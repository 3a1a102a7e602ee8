import assert from 'node:assert/strict';
import { test } from 'node:test';
import { activeIn, endsAccess, mayEndAccess, withoutActive } from '../../domain/deactivation.ts';
import { type PatchOperation, type Resource, USER_SCHEMA } from '../../domain/scim/resource.ts';

const patch = (...operations: PatchOperation[]) => ({ kind: 'patch', operations }) as const;
const user = (own: object): Resource => ({ schemas: [USER_SCHEMA], userName: 'x', ...own });
const off: PatchOperation = { op: 'replace', path: 'active', value: false };
const on: PatchOperation = { op: 'replace', path: 'active', value: true };

test('the last word about the core attribute active says whether a request may end access', () => {
  assert.ok(mayEndAccess({ kind: 'delete' }));
  assert.ok(mayEndAccess(patch(off)));
  assert.ok(mayEndAccess(patch(on, off)));
  assert.ok(mayEndAccess(patch({ op: 'replace', value: { ACTIVE: false } })));
  assert.ok(mayEndAccess(patch({ op: 'add', path: `${USER_SCHEMA}:active`, value: false })));
  assert.ok(mayEndAccess({ kind: 'replace', resource: user({ active: false }) }));
  assert.ok(!mayEndAccess(patch(off, on)), 'off and on again');
  assert.ok(!mayEndAccess(patch(off, { op: 'replace', value: { active: true } })));
  assert.ok(!mayEndAccess({ kind: 'replace', resource: user({}) }));
  assert.ok(!mayEndAccess({ kind: 'reproject', targets: [] }));
});

test('an attribute of an extension whose name ends in active ends no access', () => {
  for (const path of ['urn:example:ext:2.0:User:isInactive', 'urn:example:ext:2.0:User:active', 'inactive', 'x.active'])
    assert.ok(!mayEndAccess(patch({ op: 'replace', path, value: false })), path);
  const nested = { 'urn:example:ext:2.0:User': { active: false } };
  assert.ok(!mayEndAccess(patch({ op: 'replace', value: nested })));
  assert.ok(!mayEndAccess({ kind: 'replace', resource: user(nested) }));
});

test('access ends where active goes from anything but false to false', () => {
  assert.ok(endsAccess({ active: true }, { active: false }));
  assert.ok(endsAccess({}, { active: false }), 'a user who was stored without it is active');
  assert.ok(!endsAccess({ active: false }, { active: false }));
  assert.ok(!endsAccess({ active: true }, { active: true }));
  assert.ok(!endsAccess({ active: true }, {}));
});

test('what a request says besides active is all the rest of it, in its order', () => {
  const title: PatchOperation = { op: 'add', path: 'title', value: 'King' };
  assert.deepEqual(withoutActive(patch(off, title, on)), patch(title));
  assert.deepEqual(
    withoutActive(patch({ op: 'replace', value: { active: false, title: 'King' } })),
    patch({ op: 'replace', value: { title: 'King' } }),
  );
  assert.deepEqual(withoutActive(patch({ op: 'replace', value: { active: false } })), patch());
  const rest = withoutActive({ kind: 'replace', resource: user({ active: false, title: 'King' }), passwordHash: 'h' });
  assert.deepEqual(rest, { kind: 'replace', resource: user({ title: 'King' }), passwordHash: 'h' });
  assert.equal(activeIn(rest), undefined);
});
