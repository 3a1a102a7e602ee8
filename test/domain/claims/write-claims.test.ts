import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bindClaim } from '../../../domain/claims/bind-claim.ts';
import type { ClaimMapping } from '../../../domain/claims/claim-mapping.ts';
import { DEFAULT_CLAIMS } from '../../../domain/claims/default-claims.ts';
import { readClaim } from '../../../domain/claims/read-claim.ts';
import { type ClaimWrite, writeClaims } from '../../../domain/claims/write-claims.ts';
import { applyPatch } from '../../../domain/scim/patch/apply-patch.ts';
import type { Resource, ScimObject } from '../../../domain/scim/resource.ts';
import { USER_SCHEMA } from '../../../domain/scim/resource.ts';
import { USER_TYPE } from '../../../domain/scim/schema/resource-types.ts';

const claimOf = (attribute: string, traits: Partial<ClaimMapping> = {}) =>
  bindClaim(
    { claim: `urn:x:${encodeURIComponent(attribute)}`, attribute, displayName: attribute, ...traits },
    USER_TYPE,
  );

const user = (attributes: ScimObject = {}): Resource => ({ schemas: [USER_SCHEMA], userName: 'maya', ...attributes });

const after = (attributes: ScimObject, attribute: string, kind: ClaimWrite['kind'], value = '', traits = {}) => {
  const {
    schemas: _schemas,
    userName: _name,
    ...rest
  } = writeClaims([{ claim: claimOf(attribute, traits), kind, value }], user(attributes), USER_TYPE).resource;
  return rest;
};

test('the first value of a multi-valued attribute becomes its primary one; one of a type does not', () => {
  assert.deepEqual(after({}, 'emails.value', 'set', 'a@x'), { emails: [{ value: 'a@x', primary: true }] });
  assert.deepEqual(after({}, 'emails[type eq "work"].value', 'set', 'a@x'), {
    emails: [{ type: 'work', value: 'a@x' }],
  });
});

test('a value is written where it was read: into the primary element, else the first', () => {
  const emails = [
    { value: 'a@x', type: 'home' },
    { value: 'b@x', type: 'work', primary: true },
  ];
  assert.deepEqual(after({ emails }, 'emails.value', 'set', 'c@x'), {
    emails: [
      { value: 'a@x', type: 'home' },
      { value: 'c@x', type: 'work', primary: true },
    ],
  });
  assert.deepEqual(after({ emails: [{ value: 'a@x' }] }, 'emails.value', 'set', 'c@x'), { emails: [{ value: 'c@x' }] });
});

test('values with quotes, backslashes and brackets find their element again', () => {
  const emails = [{ value: 'a"]\\ and', type: 'home' }, { value: 'b@x' }];
  assert.deepEqual(after({ emails }, 'emails[type eq "home"].value', 'set', 'c@x'), {
    emails: [{ value: 'c@x', type: 'home' }, { value: 'b@x' }],
  });
  assert.deepEqual(after({ emails }, 'emails[type eq "home"].value', 'remove'), { emails: [{ value: 'b@x' }] });
});

test('parts of an address without a type go into that address', () => {
  const addresses = [{ formatted: 'Main 1' }];
  assert.deepEqual(after({ addresses }, 'addresses.formatted', 'set', 'Main 2'), {
    addresses: [{ formatted: 'Main 2' }],
  });
  assert.deepEqual(
    after({ addresses: [{ type: 'home', country: 'NO', region: 'O' }] }, 'addresses[type eq "home"].region', 'remove'),
    {
      addresses: [{ type: 'home', country: 'NO' }],
    },
  );
});

test('an address goes with the last of its parts', () => {
  const addresses = [{ type: 'home', country: 'NO' }];
  assert.deepEqual(after({ addresses }, 'addresses[type eq "home"].country', 'remove'), {});
});

test('whatever can be written with the default table reads back as it was written, and its operations give the same', () => {
  const writable = DEFAULT_CLAIMS.map((mapping) => bindClaim(mapping, USER_TYPE)).filter(
    ({ isWritable, attribute, sub }) => isWritable && (sub ?? attribute).type === 'string',
  );
  const text = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
    .filter((value) => value.trim() === value && !value.includes(','));
  const write = fc.record({
    claim: fc.constantFrom(...writable),
    kind: fc.constantFrom('set', 'set', 'add', 'remove') as fc.Arbitrary<ClaimWrite['kind']>,
    value: text,
  });
  fc.assert(
    fc.property(fc.array(write, { maxLength: 6 }), write, (earlier, last) => {
      const before = writeClaims(earlier, user(), USER_TYPE).resource;
      const { resource, operations } = writeClaims([last], before, USER_TYPE);
      const held = readClaim(last.claim, resource);
      if (last.kind === 'set') assert.equal(held, last.value);
      if (last.kind === 'add') assert.ok(held !== undefined);
      if (last.kind === 'remove' && last.claim.mapping.multiValued === true) assert.equal(held, undefined);
      // A strict service provider applies what was sent without making up what a path does not find.
      const patched = operations.length === 0 ? before : applyPatch(before, operations, USER_TYPE, 'strict').resource;
      assert.deepEqual(patched, resource);
    }),
    { numRuns: 1_000 },
  );
});
