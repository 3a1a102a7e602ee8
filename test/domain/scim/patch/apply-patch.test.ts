import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyPatch } from '../../../../domain/scim/patch/apply-patch.ts';
import {
  ENTERPRISE_USER_SCHEMA,
  type Resource,
  type ScimValue,
  USER_SCHEMA,
} from '../../../../domain/scim/resource.ts';
import { defineAttribute, type ResourceTypeDefinition } from '../../../../domain/scim/schema/definition.ts';
import { GROUP_TYPE, USER_TYPE } from '../../../../domain/scim/schema/resource-types.ts';
import { refused } from '../refused.ts';
import { group, patchBody, patched, user } from './patched.ts';

const HOME = { type: 'home', value: 'h@example.com' };
const WORK = { type: 'work', value: 'w@example.com', primary: true };

const emailsAfter = (held: readonly ScimValue[], ...operations: readonly unknown[]): ScimValue | undefined =>
  patched(user({ emails: held }), patchBody(...operations)).resource['emails'];

test('an add of what is there already changes nothing and returns the resource that it got', () => {
  const before = user({ emails: [WORK], title: 'Guide', name: { givenName: 'B' } });
  const body = patchBody(
    { op: 'add', path: 'emails', value: [WORK] },
    { op: 'add', path: 'title', value: 'Guide' },
    { op: 'add', path: 'name', value: { givenName: 'B' } },
  );
  const { resource, changed } = patched(before, body);
  assert.equal(changed, false);
  assert.equal(resource, before);
});

test('operations that undo each other change nothing', () => {
  const body = patchBody(
    { op: 'add', path: 'emails', value: [HOME] },
    { op: 'remove', path: 'emails[type eq "home"]' },
    { op: 'replace', path: 'title', value: 'x' },
    { op: 'remove', path: 'title' },
  );
  assert.equal(patched(user({ emails: [WORK] }), body).changed, false);
});

test('the same values in another order are no change', () => {
  const body = patchBody({ op: 'replace', path: 'emails', value: [HOME, WORK] });
  assert.equal(patched(user({ emails: [WORK, HOME] }), body).changed, false);
});

test('an add to a single complex attribute keeps the sub-attributes that it does not name', () => {
  const body = patchBody({ op: 'add', path: 'name', value: { givenName: 'Barbara' } });
  assert.deepEqual(patched(user({ name: { familyName: 'Jensen', givenName: 'B' } }), body).resource['name'], {
    familyName: 'Jensen',
    givenName: 'Barbara',
  });
});

test('an added element with the value and type of one that is there completes it', () => {
  assert.deepEqual(emailsAfter([HOME], { op: 'add', path: 'emails', value: [{ ...HOME, display: 'Home' }] }), [
    { ...HOME, display: 'Home' },
  ]);
  assert.deepEqual(emailsAfter([HOME], { op: 'add', path: 'emails', value: [{ value: HOME.value }] }), [HOME]);
});

test('an added element with the value of one of another type is another element', () => {
  const other = { ...HOME, type: 'other' };
  assert.deepEqual(emailsAfter([HOME], { op: 'add', path: 'emails', value: [other] }), [HOME, other]);
});

test('an element that becomes primary takes that from the one that was', () => {
  const expected = [
    { ...WORK, primary: false },
    { ...HOME, primary: true },
  ];
  assert.deepEqual(emailsAfter([WORK], { op: 'add', path: 'emails', value: [{ ...HOME, primary: true }] }), expected);
  assert.deepEqual(
    emailsAfter([WORK, HOME], { op: 'replace', path: 'emails[type eq "home"].primary', value: true }),
    expected,
  );
});

test('a replace by a filter with or changes each element that matches', () => {
  const path = 'emails[type eq "work" or type eq "home"].display';
  assert.deepEqual(emailsAfter([WORK, HOME, { value: 'o' }], { op: 'replace', path, value: 'x' }), [
    { ...WORK, display: 'x' },
    { ...HOME, display: 'x' },
    { value: 'o' },
  ]);
});

test('a remove by a filter with not leaves what matches', () => {
  assert.deepEqual(emailsAfter([WORK, HOME], { op: 'remove', path: 'emails[not (type eq "work")]' }), [WORK]);
});

test('a path compares as a filter does: letter case counts only where the schema says so', () => {
  assert.deepEqual(emailsAfter([WORK, HOME], { op: 'remove', path: 'EMAILS[TYPE EQ "WORK"]' }), [HOME]);
});

test('a sub-attribute of all elements is set and removed without a filter', () => {
  assert.deepEqual(emailsAfter([WORK, HOME], { op: 'replace', path: 'emails.display', value: 'x' }), [
    { ...WORK, display: 'x' },
    { ...HOME, display: 'x' },
  ]);
  assert.deepEqual(emailsAfter([{ ...HOME, display: 'x' }], { op: 'remove', path: 'emails.display' }), [HOME]);
});

test('an add by a filter completes the element, a replace replaces it', () => {
  const value = { type: 'home', display: 'x' };
  assert.deepEqual(emailsAfter([HOME], { op: 'add', path: 'emails[type eq "home"]', value }), [{ ...HOME, ...value }]);
  assert.deepEqual(emailsAfter([HOME], { op: 'replace', path: 'emails[type eq "home"]', value }), [value]);
});

test('an element is created only from a filter that describes one', () => {
  const replace = (path: string) => () => emailsAfter([HOME], { op: 'replace', path, value: 'x' });
  assert.deepEqual(replace('emails[type eq "work" and primary eq true].value')(), [
    HOME,
    { type: 'work', primary: true, value: 'x' },
  ]);
  refused('NO_TARGET', replace('emails[type eq "work" or type eq "other"].value'));
  refused('NO_TARGET', replace('emails[type sw "w"].value'));
  refused('NO_TARGET', replace('emails[not (type eq "home")].value'));
  refused('NO_TARGET', replace('emails[type eq "a" and type eq "b"].value'));
});

test('removing an element that is not there does nothing, and is refused in strict mode', () => {
  const body = patchBody({ op: 'remove', path: 'emails[type eq "work"]' });
  const { changed, deviations } = patched(user({ emails: [HOME] }), body);
  assert.deepEqual({ changed, deviations }, { changed: false, deviations: ['nothing-matched'] });
  refused('NO_TARGET', () => patched(user({ emails: [HOME] }), body, 'strict'));
});

test('removing the last element leaves no attribute behind', () => {
  const { resource } = patched(user({ emails: [HOME] }), patchBody({ op: 'remove', path: 'emails[type eq "home"]' }));
  assert.ok(!Object.hasOwn(resource, 'emails'));
});

test('removing an attribute that is not there does nothing', () => {
  const body = patchBody({ op: 'remove', path: 'title' }, { op: 'remove', path: 'name.givenName' });
  assert.equal(patched(user(), body, 'strict').changed, false);
});

test('the last sub-attribute that goes takes the attribute with it, the last attribute the extension', () => {
  const before = user({ name: { givenName: 'B' }, [ENTERPRISE_USER_SCHEMA]: { manager: { value: 'm' } } });
  const body = patchBody(
    { op: 'remove', path: 'name.givenName' },
    { op: 'remove', path: `${ENTERPRISE_USER_SCHEMA}:manager.value` },
  );
  assert.deepEqual(patched(before, body, 'strict').resource, user());
});

test('schemas tell what is in the resource after the change', () => {
  const body = patchBody({ op: 'add', path: ENTERPRISE_USER_SCHEMA, value: { department: 'Tours' } });
  const added = patched(user(), body, 'strict').resource;
  assert.deepEqual(added.schemas, [USER_SCHEMA, ENTERPRISE_USER_SCHEMA]);
  const removed = patched(added, patchBody({ op: 'remove', path: ENTERPRISE_USER_SCHEMA }), 'strict').resource;
  assert.deepEqual(removed, user());
});

test('null and an empty array clear an attribute', () => {
  const body = patchBody({ op: 'replace', path: 'emails', value: [] }, { op: 'replace', path: 'title', value: null });
  assert.deepEqual(patched(user({ emails: [HOME], title: 'x' }), body, 'strict').resource, user());
});

test('all operations apply or none: the resource that was passed in never changes', () => {
  const before = user({ emails: [HOME] });
  const copy = structuredClone(before);
  const operations = [
    { op: 'add', path: 'emails', value: [WORK] },
    { op: 'remove', path: 'userName' },
  ] as const;
  refused('MUTABILITY', () => applyPatch(before, operations, USER_TYPE, 'tolerant'));
  assert.deepEqual(before, copy);
});

test('a required attribute may be replaced within the request that removes it', () => {
  const body = patchBody({ op: 'remove', path: 'userName' }, { op: 'add', path: 'userName', value: 'babs' });
  assert.equal(patched(user(), body).resource['userName'], 'babs');
});

test('an account that never had a required attribute can be patched', () => {
  const account = { schemas: [USER_SCHEMA], displayName: 'B' } as Resource;
  const operations = [{ op: 'replace', path: 'displayName', value: 'Babs' }] as const;
  assert.equal(applyPatch(account, operations, USER_TYPE, 'tolerant').resource['displayName'], 'Babs');
});

test('an operation without a path is applied attribute by attribute', () => {
  const operations = [{ op: 'replace', value: { title: 'Guide', name: { givenName: 'B' } } }] as const;
  assert.deepEqual(
    applyPatch(user({ name: { familyName: 'J' } }), operations, USER_TYPE, 'tolerant').resource,
    user({ title: 'Guide', name: { familyName: 'J', givenName: 'B' } }),
  );
});

const BADGE_TYPE: ResourceTypeDefinition = {
  id: 'Badge',
  name: 'Badge',
  endpoint: '/Badges',
  description: 'x',
  extensions: [],
  schema: {
    id: 'urn:example:2.0:Badge',
    name: 'Badge',
    description: 'x',
    attributes: [
      defineAttribute('serial', 'x', { mutability: 'immutable' }),
      defineAttribute('colours', 'x', { multiValued: true }),
      defineAttribute('maker', 'x', {
        type: 'complex',
        subAttributes: [defineAttribute('value', 'x', { mutability: 'immutable' }), defineAttribute('note', 'x')],
      }),
      defineAttribute('doors', 'x', {
        type: 'complex',
        multiValued: true,
        subAttributes: [defineAttribute('value', 'x', { mutability: 'immutable' }), defineAttribute('note', 'x')],
      }),
    ],
  },
};

const badge = (before: Record<string, ScimValue>, ...operations: readonly unknown[]) =>
  patched({ schemas: ['urn:example:2.0:Badge'], ...before }, patchBody(...operations), 'tolerant', BADGE_TYPE);

test('an immutable attribute is set once and repeated, never changed or removed', () => {
  const set = { op: 'add', path: 'serial', value: '7' };
  assert.equal(badge({}, set).resource['serial'], '7');
  assert.equal(badge({ serial: '7' }, set).changed, false);
  refused('MUTABILITY', () => badge({ serial: '8' }, set));
  refused('MUTABILITY', () => badge({ serial: '8' }, { op: 'remove', path: 'serial' }));
});

test('an immutable sub-attribute is not changed, while what is beside it is', () => {
  const before = { maker: { value: 'a' }, doors: [{ value: 'd' }] };
  assert.equal(badge(before, { op: 'add', path: 'maker.note', value: 'n' }).changed, true);
  assert.equal(badge(before, { op: 'add', path: 'doors[value eq "d"].note', value: 'n' }).changed, true);
  refused('MUTABILITY', () => badge(before, { op: 'replace', path: 'maker', value: { value: 'b' } }));
  refused('MUTABILITY', () => badge(before, { op: 'replace', path: 'doors[value eq "d"].value', value: 'e' }));
});

test('an element whose parts are immutable is removed and added as a whole', () => {
  const before = { doors: [{ value: 'd' }, { value: 'e' }] };
  assert.deepEqual(badge(before, { op: 'remove', path: 'doors[value eq "d"]' }).resource['doors'], [{ value: 'e' }]);
});

test('simple values are added once, and removed by a list or by a filter on value', () => {
  const before = { colours: ['red', 'blue'] };
  assert.deepEqual(badge(before, { op: 'add', path: 'colours', value: ['red', 'green'] }).resource['colours'], [
    'red',
    'blue',
    'green',
  ]);
  assert.deepEqual(badge(before, { op: 'remove', path: 'colours', value: ['RED'] }).resource['colours'], ['blue']);
  assert.deepEqual(badge(before, { op: 'remove', path: 'colours[value eq "blue"]' }).resource['colours'], ['red']);
});

test('a remove by a list removes each element that has all that is listed of it', () => {
  const remove = (value: unknown) => emailsAfter([WORK, HOME], { op: 'remove', path: 'emails', value });
  assert.deepEqual(remove([{ value: 'W@example.com' }]), [HOME]);
  assert.deepEqual(remove([{ value: 'w@example.com', type: 'home' }]), [WORK, HOME]);
  assert.deepEqual(remove([{ type: 'home' }]), [WORK]);
});

test('an attribute holds no more values than its limit', () => {
  const held = Array.from({ length: 999 }, (_, index) => ({ value: `${index}` }));
  const add =
    (...values: readonly string[]) =>
    () =>
      emailsAfter(held, { op: 'add', path: 'emails', value: values.map((value) => ({ value })) });
  assert.equal((add('a')() as readonly unknown[]).length, 1_000);
  refused('TOO_MANY', add('a', 'b'));
});

test('an unknown path and a read-only attribute are refused when they reach the resource', () => {
  const apply = (path: string) => () =>
    applyPatch(user(), [{ op: 'replace', path, value: 'x' }], USER_TYPE, 'tolerant');
  refused('INVALID_PATH', apply('colour'));
  refused('MUTABILITY', apply('id'));
});

test('a request that would keep a worker busy for seconds is refused, a large ordinary one is not', () => {
  const emails = Array.from({ length: 1_000 }, (_, index) => ({ value: `${index}`, type: 'work' }));
  const filter = Array.from({ length: 20 }, (_, index) => `value eq "x${index}"`).join(' or ');
  const repeat = (count: number, path: string) =>
    Array.from({ length: count }, () => ({ op: 'remove', path }) as const);
  const apply = (count: number, path: string) => () =>
    applyPatch(user({ emails }), repeat(count, path), USER_TYPE, 'tolerant');
  refused('TOO_MANY', apply(1_000, `emails[${filter}]`));
  assert.equal(apply(100, 'emails[value eq "none"]')().changed, false);
});

test('a thousand members are removed one by one in one request', () => {
  const members = Array.from({ length: 1_000 }, (_, index) => ({ value: `${index}` }));
  const operations = members.map(({ value }) => ({ op: 'remove', path: `members[value eq "${value}"]` }) as const);
  const { resource } = applyPatch(group({ members }), operations, GROUP_TYPE, 'tolerant');
  assert.deepEqual(resource, group());
});
