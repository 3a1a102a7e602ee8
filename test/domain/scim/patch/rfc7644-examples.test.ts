import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitMembers } from '../../../../domain/scim/group-members.ts';
import { normalisePatch } from '../../../../domain/scim/patch/normalise-patch.ts';
import type { ScimValue } from '../../../../domain/scim/resource.ts';
import { GROUP_TYPE } from '../../../../domain/scim/schema/resource-types.ts';
import { group, patchBody, patched, user } from './patched.ts';

const BABS = '2819c223-7f76-453a-919d-413861904646';
const JAMES = '08e1d05d-121c-4561-8b96-473d93df9210';

/** Both ways in which a group's members are changed: within the resource, as at a target, and as edges. */
function membersAfter(before: readonly string[], ...operations: readonly unknown[]) {
  const body = patchBody(...operations);
  const held: ScimValue = before.map((value) => ({ value }));
  const { resource } = patched(group({ members: held }), body, 'tolerant', GROUP_TYPE);
  return {
    within: resource['members'],
    edges: splitMembers(normalisePatch(body, GROUP_TYPE, 'strict').operations, GROUP_TYPE).members,
  };
}

test('RFC 7644 §3.5.2.1: add a member to a group', () => {
  const value = [{ display: 'Babs Jensen', $ref: `https://example.com/v2/Users/${BABS}`, value: BABS }];
  const { within, edges } = membersAfter([JAMES], { op: 'add', path: 'members', value });
  assert.deepEqual(within, [{ value: JAMES }, { value: BABS }]);
  assert.deepEqual(edges, [{ kind: 'add', members: [{ value: BABS }] }]);
});

test('RFC 7644 §3.5.2.1: add several attributes without a path', () => {
  const value = { emails: [{ value: 'babs@jensen.org', type: 'home' }], nickname: 'Babs' };
  const before = user({ emails: [{ value: 'bjensen@example.com', type: 'work' }] });
  assert.deepEqual(
    patched(before, patchBody({ op: 'add', value })).resource,
    user({
      emails: [
        { value: 'bjensen@example.com', type: 'work' },
        { value: 'babs@jensen.org', type: 'home' },
      ],
      nickName: 'Babs',
    }),
  );
});

test('RFC 7644 §3.5.2.2: remove one member from a group', () => {
  const { within, edges } = membersAfter([BABS, JAMES], { op: 'remove', path: `members[value eq "${BABS}"]` });
  assert.deepEqual(within, [{ value: JAMES }]);
  assert.deepEqual(edges, [{ kind: 'remove', members: [{ value: BABS }] }]);
});

test('RFC 7644 §3.5.2.2: remove all members of a group', () => {
  const { within, edges } = membersAfter([BABS, JAMES], { op: 'remove', path: 'members' });
  assert.equal(within, undefined);
  assert.deepEqual(edges, [{ kind: 'remove-all' }]);
});

test('RFC 7644 §3.5.2.2: remove a value that a filter with and selects', () => {
  const before = user({
    emails: [
      { type: 'work', value: 'b@EXAMPLE.com' },
      { type: 'work', value: 'b@example.org' },
      { type: 'home', value: 'b@home.example.com' },
    ],
  });
  const body = patchBody({ op: 'remove', path: 'emails[type eq "work" and value ew "example.com"]' });
  for (const mode of ['tolerant', 'strict'] as const)
    assert.deepEqual(patched(before, body, mode).resource['emails'], [
      { type: 'work', value: 'b@example.org' },
      { type: 'home', value: 'b@home.example.com' },
    ]);
});

test('RFC 7644 §3.5.2.2: remove and add a member in one request', () => {
  const { within, edges } = membersAfter(
    [BABS],
    { op: 'remove', path: `members[value eq "${BABS}"]` },
    { op: 'add', path: 'members', value: [{ display: 'James Smith', value: JAMES }] },
  );
  assert.deepEqual(within, [{ value: JAMES }]);
  assert.deepEqual(
    edges.map(({ kind }) => kind),
    ['remove', 'add'],
  );
});

test('RFC 7644 §3.5.2.3: replace all members of a group', () => {
  const value = [
    { display: 'Babs Jensen', value: BABS },
    { display: 'James Smith', value: JAMES },
  ];
  const { within, edges } = membersAfter(['other'], { op: 'replace', path: 'members', value });
  assert.deepEqual(within, [{ value: BABS }, { value: JAMES }]);
  assert.deepEqual(edges, [{ kind: 'replace', members: [{ value: BABS }, { value: JAMES }] }]);
});

const WORK = { type: 'work', streetAddress: '100 Universal City Plaza', locality: 'Hollywood', primary: true };
const HOME = { type: 'home', streetAddress: '456 Hollywood Blvd' };

test('RFC 7644 §3.5.2.3: replace a whole address that a filter selects', () => {
  const value = {
    type: 'work',
    streetAddress: '911 Universal City Plaza',
    locality: 'Hollywood',
    region: 'CA',
    postalCode: '91608',
    country: 'US',
    formatted: '911 Universal City Plaza\nHollywood, CA 91608 US',
    primary: true,
  };
  const body = patchBody({ op: 'replace', path: 'addresses[type eq "work"]', value });
  const { resource, deviations } = patched(user({ addresses: [WORK, HOME] }), body);
  assert.deepEqual(resource['addresses'], [value, HOME]);
  assert.deepEqual(deviations, ['whole-element']);
});

test('RFC 7644 §3.5.2.3: replace one sub-attribute of an address that a filter selects', () => {
  const body = patchBody({
    op: 'replace',
    path: 'addresses[type eq "work"].streetAddress',
    value: '1010 Broadway Ave',
  });
  for (const mode of ['tolerant', 'strict'] as const)
    assert.deepEqual(patched(user({ addresses: [WORK, HOME] }), body, mode).resource['addresses'], [
      { ...WORK, streetAddress: '1010 Broadway Ave' },
      HOME,
    ]);
});

test('RFC 7644 §3.5.2.3: replace several attributes without a path', () => {
  const emails = [
    { value: 'bjensen@example.com', type: 'work', primary: true },
    { value: 'babs@jensen.org', type: 'home' },
  ];
  const before = user({ emails: [{ value: 'old@example.com' }], nickName: 'B', title: 'Guide' });
  const { resource } = patched(before, patchBody({ op: 'replace', value: { emails, nickname: 'Babs' } }));
  assert.deepEqual(resource, user({ emails, nickName: 'Babs', title: 'Guide' }));
});
