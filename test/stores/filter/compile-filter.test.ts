import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { matchesFilter } from '../../../domain/scim/filter/matches-filter.ts';
import { parseFilter } from '../../../domain/scim/filter/parse-filter.ts';
import { resolveFilter } from '../../../domain/scim/filter/resolve-filter.ts';
import type { ScimObject, ScimValue } from '../../../domain/scim/resource.ts';
import { defineAttribute, type ResourceTypeDefinition } from '../../../domain/scim/schema/definition.ts';
import { USER_TYPE } from '../../../domain/scim/schema/resource-types.ts';
import { compileFilter } from '../../../stores/filter/compile-filter.ts';
import { answerVirtual } from '../../../stores/filter/virtual-attributes.ts';
import { openFreshStore } from '../fresh-store.ts';

const EXTENSION = 'urn:example:params:scim:schemas:extension:asset:2.0:User';

/** User with an extension that has the types that User lacks. */
const TYPE: ResourceTypeDefinition = {
  ...USER_TYPE,
  extensions: [
    ...USER_TYPE.extensions,
    {
      required: false,
      schema: {
        id: EXTENSION,
        name: 'Asset',
        description: 'Asset',
        attributes: [
          defineAttribute('count', 'Count.', { type: 'integer' }),
          defineAttribute('weight', 'Weight.', { type: 'decimal' }),
          defineAttribute('since', 'Since.', { type: 'dateTime' }),
          defineAttribute('tags', 'Tags.', { multiValued: true }),
          defineAttribute('codes', 'Codes.', { multiValued: true, caseExact: true }),
        ],
      },
    },
  ],
};

/** Little to choose from, so that values meet; each has something that one step or another could get wrong. */
const TEXTS = ['a', 'ab', 'A', 'b', 'aB.c', '.*', '$', '^a', 'a\nb', 'a\n', '(x', '\\d', 'ς', 'Σ', 'é', 'e\u0301'];
const MORE_TEXTS = ['😀', '\uffee', 'z-/', ' ', 'İ', 'ß', '"q"', '[a]', '{2}', '#x', 'true', '1'];
const text = fc.constantFrom(...TEXTS, ...MORE_TEXTS);
const flag = fc.boolean();
const whole = fc.constantFrom(-1, 0, 1, 2, 1_000_000);
const decimal = fc.constantFrom(-0.5, 0, 0.5, 1, 2.25);
const date = fc.constantFrom('2026-01-01T00:00:00Z', '2026-01-01T02:00:00+02:00', '2026-06-01T00:00:00.5Z');

const plural = fc.array(fc.record({ value: text, type: text, primary: flag }, { requiredKeys: [] }), {
  minLength: 1,
  maxLength: 3,
});
const resource = fc.record(
  {
    displayName: text,
    externalId: text,
    active: flag,
    name: fc.record({ familyName: text, givenName: text }, { requiredKeys: [] }),
    emails: plural,
    roles: plural,
    [EXTENSION]: fc.record(
      {
        count: whole,
        weight: decimal,
        since: date,
        tags: fc.array(text, { minLength: 1, maxLength: 3 }),
        codes: fc.array(text, { minLength: 1, maxLength: 3 }),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
);

const quoted = (values: fc.Arbitrary<unknown>) => values.map((value) => JSON.stringify(value));
const OF_TEXT = ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'];
const OF_ORDER = ['eq', 'ne', 'gt', 'ge', 'lt', 'le'];
const tests = (names: readonly string[], operators: readonly string[], values: fc.Arbitrary<unknown>) =>
  fc.oneof(
    { weight: 5, arbitrary: fc.tuple(fc.constantFrom(...names), fc.constantFrom(...operators), quoted(values)) },
    { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...names), fc.constant('pr')) },
    { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...names), fc.constantFrom('eq', 'ne'), fc.constant('null')) },
  );
const joinWords = (words: readonly unknown[]) => words.join(' ');

const inElement = fc.letrec<{ filter: string }>((tie) => ({
  filter: fc.oneof(
    { depthSize: 'small' },
    tests(['value', 'type'], OF_TEXT, text).map(joinWords),
    tests(['primary'], ['eq', 'ne'], flag).map(joinWords),
    fc.tuple(tie('filter'), fc.constantFrom('and', 'or'), tie('filter')).map((parts) => `(${parts.join(' ')})`),
    tie('filter').map((inner) => `not (${inner})`),
  ),
})).filter;

const filterText = fc.letrec<{ filter: string }>((tie) => ({
  filter: fc.oneof(
    { depthSize: 'small' },
    tests(
      ['displayName', 'externalId', 'name.familyName', 'emails', 'emails.value', 'roles.type', `${EXTENSION}:tags`],
      OF_TEXT,
      text,
    ).map(joinWords),
    tests([`${EXTENSION}:codes`], OF_TEXT, text).map(joinWords),
    tests(['active', 'emails.primary'], ['eq', 'ne'], flag).map(joinWords),
    tests([`${EXTENSION}:count`], OF_ORDER, whole).map(joinWords),
    tests([`${EXTENSION}:weight`], OF_ORDER, decimal).map(joinWords),
    tests([`${EXTENSION}:since`], OF_ORDER, date).map(joinWords),
    fc.constantFrom('emails pr', 'name pr', `${EXTENSION} pr`, 'schemas pr', 'id pr', 'meta.created pr'),
    fc.tuple(fc.constantFrom('emails', 'roles'), inElement).map(([name, inner]) => `${name}[${inner}]`),
    fc.tuple(tie('filter'), fc.constantFrom('and', 'or'), tie('filter')).map((parts) => `(${parts.join(' ')})`),
    tie('filter').map((inner) => `not (${inner})`),
  ),
})).filter;

test('a filter selects from the database exactly what it matches in memory', { timeout: 240_000 }, async (context) => {
  const { addAll, documents, tenant } = await openFreshStore(context);
  const attributes = fc.sample(resource, 120) as ScimObject[];
  const writes = await addAll(
    TYPE,
    attributes.map((given, index) => ({ userName: `user${index}`, ...given })),
  );
  await fc.assert(
    fc.asyncProperty(filterText, async (filter) => {
      const resolved = resolveFilter(parseFilter(filter), TYPE);
      const expected = writes.filter(({ shadow }) => matchesFilter(resolved, shadow as ScimValue));
      const query = compileFilter(resolved);
      const found = await documents.find({ ...query, tenant, type: 'User' }, { projection: { _id: 1 } }).toArray();
      assert.deepEqual(
        found.map(({ _id }) => String(_id)).sort(),
        expected.map(({ id }) => String(id)).sort(),
        `${filter} as ${JSON.stringify(query)}`,
      );
    }),
    { numRuns: 600 },
  );
});

const compiled = (filter: string) => compileFilter(resolveFilter(parseFilter(filter), USER_TYPE));

test('equality is equality of the stored, folded value, so that an index serves it', () => {
  assert.deepEqual(compiled('userName eq "BJensen"'), { 'k.userName': 'bjensen' });
  assert.deepEqual(compiled('externalId eq "BJensen"'), { 'k.externalId': 'BJensen' });
  assert.deepEqual(compiled('id eq "x"'), { _id: 'x' });
});

test('several equalities on one attribute are one look at the index', () => {
  assert.deepEqual(compiled('userName eq "a" or userName eq "b" or title pr'), {
    $or: [{ 'k.userName': { $in: ['a', 'b'] } }, { 'k.title': { $exists: true } }],
  });
});

test('nothing of a value is read as an operator, a path or a pattern', () => {
  assert.deepEqual(compiled('displayName eq "$where"'), { 'k.displayName': '$where' });
  assert.deepEqual(compiled('displayName sw "a.*"'), { 'k.displayName': { $regex: '^a\\.\\*' } });
  const urn = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
  assert.deepEqual(compiled(`${urn}:department eq "A"`), {
    'k.urn:ietf:params:scim:schemas:extension:enterprise:2%2E0:User.department': 'a',
  });
});

test('attributes that are stored elsewhere are asked for first, wherever they are in the filter', async () => {
  const filter = resolveFilter(
    parseFilter('userName sw "a" and not (groups.value eq "G1") and groups[value eq "G2"]'),
    USER_TYPE,
  );
  const asked: string[] = [];
  const answers = await answerVirtual(filter, {
    isVirtual: ({ keys }) => keys[0] === 'groups',
    query: async (term) => {
      asked.push(term.kind);
      return { _id: { $in: [term.kind] } };
    },
  });
  assert.deepEqual(asked, ['compare', 'element']);
  assert.deepEqual(compileFilter(filter, { answers }), {
    $and: [
      { 'k.userName': { $regex: '^a' } },
      { $nor: [{ _id: { $in: ['compare'] } }] },
      { _id: { $in: ['element'] } },
    ],
  });
});
