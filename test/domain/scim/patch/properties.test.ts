import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isProvostError } from '../../../../domain/errors.ts';
import { splitMembers } from '../../../../domain/scim/group-members.ts';
import type { Mode } from '../../../../domain/scim/mode.ts';
import { applyPatch } from '../../../../domain/scim/patch/apply-patch.ts';
import { normalisePatch } from '../../../../domain/scim/patch/normalise-patch.ts';
import { projectResource } from '../../../../domain/scim/project.ts';
import { missingRequired } from '../../../../domain/scim/required.ts';
import { ENTERPRISE_USER_SCHEMA, type PatchOperation, type Resource } from '../../../../domain/scim/resource.ts';
import type { ResourceTypeDefinition } from '../../../../domain/scim/schema/definition.ts';
import { GROUP_TYPE, USER_TYPE } from '../../../../domain/scim/schema/resource-types.ts';
import { group, patchBody, user } from './patched.ts';

const name = fc.constantFrom(
  ...['userName', 'EMAILS', 'emails', 'name', 'active', 'addresses', 'members', 'roles', 'password', 'id', 'meta'],
  ...['groups', 'schemas', 'displayName', 'value', 'type', 'primary', 'locality', 'givenName', 'manager', 'colour'],
  ...['__proto__', 'constructor', '$ref', ENTERPRISE_USER_SCHEMA, `${ENTERPRISE_USER_SCHEMA}:manager`],
);
const simple = fc.oneof(
  fc.string(),
  fc.constantFrom('', 'True', 'work', '[{"value":"r"}]', '{"value":"r"}', 'a'),
  fc.boolean(),
  fc.double(),
  fc.constant(null),
);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    simple,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(name, tie('value'), { maxKeys: 4 }),
  ),
}));
const filter = fc.oneof(
  fc.constantFrom(
    'type eq "work"',
    'value eq "a" or value eq "b"',
    'not (primary eq "True")',
    'type pr and value ne 1',
  ),
  fc.string({ maxLength: 20 }),
);
const path = fc.oneof(
  name,
  fc.tuple(name, name).map(([attribute, sub]) => `${attribute}.${sub}`),
  fc.tuple(name, filter).map(([attribute, inner]) => `${attribute}[${inner}]`),
  fc.tuple(name, filter, name).map(([attribute, inner, sub]) => `${attribute}[${inner}].${sub}`),
  fc.string({ maxLength: 40 }),
);
const operation = fc.record(
  { op: fc.constantFrom('add', 'Add', 'replace', 'Replace', 'remove', 'Remove'), path, value },
  { requiredKeys: ['op'] },
);
/** What clients might really send: most of what is made up is refused at once and says little. */
const text = fc.constantFrom('a', 'b', 'c', '');
const element = fc.record(
  { value: text, type: fc.constantFrom('work', 'home', 'User'), primary: fc.constantFrom(true, false, 'True') },
  { requiredKeys: ['value'] },
);
const likely = fc.oneof(
  fc.record({
    path: fc.constantFrom('userName', 'displayName', 'name.givenName', 'emails[type eq "work"].value'),
    value: text,
  }),
  fc.record({ path: fc.constantFrom('emails', 'members', 'roles'), value: fc.array(element, { maxLength: 3 }) }),
  fc.record({ path: fc.constantFrom('emails[value eq "a"]', 'roles[type eq "home"]'), value: element }),
  fc.record({
    path: fc.constantFrom('emails[type eq "home"].primary', 'active'),
    value: fc.constantFrom(true, 'False'),
  }),
  fc.record({ path: fc.constantFrom(`${ENTERPRISE_USER_SCHEMA}:manager`, 'manager'), value: text }),
  fc.record({ value: fc.record({ active: fc.boolean(), emails: fc.array(element), displayName: text }) }),
);
const likelyOperation = fc
  .tuple(fc.constantFrom('add', 'Replace', 'remove'), likely)
  .map(([op, rest]) => ({ op, ...rest }));
const body = fc.oneof(
  { weight: 5, arbitrary: fc.array(likelyOperation, { minLength: 1, maxLength: 6 }).map((all) => patchBody(...all)) },
  { weight: 5, arbitrary: fc.array(operation, { minLength: 1, maxLength: 3 }).map((all) => patchBody(...all)) },
  { weight: 1, arbitrary: fc.anything() },
);
const mode = fc.constantFrom<Mode>('strict', 'tolerant', 'observed');
const held: readonly (readonly [ResourceTypeDefinition, Resource])[] = [
  [USER_TYPE, user({ emails: [{ type: 'work', value: 'a', primary: true }, { value: 'b' }], active: true })],
  [USER_TYPE, user({ [ENTERPRISE_USER_SCHEMA]: { manager: { value: 'm' } }, name: { givenName: 'B' } })],
  [GROUP_TYPE, group({ members: [{ value: 'a' }, { value: 'b', type: 'User' }] })],
];
/** By its place: a resource type in a counterexample hides what matters. */
const place = fc.constantFrom(0, 1, 2);
const heldAt = (index: number) => held[index] ?? assert.fail();
const RUNS = { numRuns: 3_000 };

/** The result, or undefined where it was refused as it should be. */
function attempt<Result>(action: () => Result): Result | undefined {
  try {
    return action();
  } catch (error) {
    if (isProvostError(error)) return undefined;
    throw error;
  }
}

test('any body of a PATCH gives a result or a ProvostError, and the result is a valid resource', () => {
  let applied = 0;
  fc.assert(
    fc.property(body, mode, place, (sent, kind, at) => {
      const [type, before] = heldAt(at);
      const copy = structuredClone(before);
      const started = performance.now();
      const result = attempt(() => {
        const { operations } = normalisePatch(sent, type, kind);
        splitMembers(operations, type);
        return applyPatch(before, operations, type, kind);
      });
      assert.ok(performance.now() - started < 5_000);
      assert.deepEqual(before, copy);
      if (result === undefined) return;
      applied += 1;
      const { resource, changed } = result;
      assert.deepEqual(missingRequired(resource, type), []);
      assert.deepEqual(JSON.parse(JSON.stringify(resource)), resource);
      assert.deepEqual(
        resource.schemas,
        [type.schema.id, ENTERPRISE_USER_SCHEMA].filter((urn) => urn === type.schema.id || urn in resource),
      );
      if (!changed) assert.equal(resource, before);
      for (const hidden of ['id', 'meta', 'groups', 'password', 'colour'])
        assert.ok(!Object.hasOwn(resource, hidden), hidden);
      for (const attribute of Object.values(resource)) {
        if (!Array.isArray(attribute)) continue;
        assert.ok(attribute.length > 0);
        assert.ok(attribute.filter((element) => element?.primary === true).length <= 1);
      }
      projectResource({ ...resource, id: '1' }, { attributes: ['emails.value'] }, type);
    }),
    RUNS,
  );
  assert.ok(applied > 300, `Only ${applied} of the bodies could be applied: the property says little.`);
});

test('operations as normalised are normal: they come out the same when sent again', () => {
  fc.assert(
    fc.property(body, place, (sent, at) => {
      const [type] = heldAt(at);
      const first = attempt(() => normalisePatch(sent, type, 'tolerant'));
      if (first === undefined || first.operations.length === 0) return;
      // A remove with a list has no form without deviation.
      const again = normalisePatch(patchBody(...first.operations), type, 'tolerant');
      assert.deepEqual(again.operations, first.operations);
      const others = again.deviations.filter(({ code }) => code !== 'remove-with-value' && code !== 'whole-element');
      assert.deepEqual(others, []);
    }),
    RUNS,
  );
});

/** A path that asks for what the operation itself changes may ask for something else afterwards. */
const isStable = ({ path: text = '' }: PatchOperation): boolean => !text.includes('[');

test('applying the same operations twice changes nothing the second time', () => {
  fc.assert(
    fc.property(fc.oneof(operation, likelyOperation), place, (sent, at) => {
      const [type, before] = heldAt(at);
      const operations = attempt(() => normalisePatch(patchBody(sent), type, 'tolerant').operations);
      if (operations === undefined || !operations.every(isStable)) return;
      const once = attempt(() => applyPatch(before, operations, type, 'tolerant').resource);
      if (once === undefined) return;
      assert.equal(applyPatch(once, operations, type, 'tolerant').changed, false);
    }),
    RUNS,
  );
});
