import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isProvostError } from '../../../../domain/errors.ts';
import { COMPARISONS, type Filter } from '../../../../domain/scim/filter/ast.ts';
import { formatFilter } from '../../../../domain/scim/filter/format-filter.ts';
import { matchesFilter } from '../../../../domain/scim/filter/matches-filter.ts';
import { parseFilter, parsePath } from '../../../../domain/scim/filter/parse-filter.ts';
import { resolveFilter } from '../../../../domain/scim/filter/resolve-filter.ts';
import { ENTERPRISE_USER_SCHEMA, USER_SCHEMA } from '../../../../domain/scim/resource.ts';
import { USER_TYPE } from '../../../../domain/scim/schema/resource-types.ts';
import { canonicalShadow } from '../../../../domain/scim/shadow.ts';
import { user } from '../patch/patched.ts';
import { refused } from '../refused.ts';

const BABS = canonicalShadow(
  user({
    userName: 'BJensen',
    externalId: 'Ext7',
    title: 'Tour Guide',
    active: true,
    name: { familyName: "O'Malley" },
    emails: [
      { type: 'work', value: 'Babs@Example.com', primary: true },
      { type: 'home', value: 'babs@jensen.org' },
    ],
    [ENTERPRISE_USER_SCHEMA]: { department: 'Tours' },
  }),
  USER_TYPE,
  { id: 'Ab', meta: { resourceType: 'User', lastModified: '2026-05-13T04:42:34.000Z' } },
);
const matches = (text: string): boolean =>
  matchesFilter(resolveFilter(parseFilter(text, { tolerant: true }), USER_TYPE), BABS);

// Most are the examples of RFC 7644 §3.4.2.2.
const TRUE: readonly string[] = [
  'userName eq "bjensen"',
  'USERNAME Eq "BJENSEN"',
  'name.familyName co "o\'malley"',
  'userName sw "BJ"',
  `${USER_SCHEMA}:userName sw "bj"`,
  'title pr',
  'meta.lastModified gt "2011-05-13T04:42:34Z"',
  'meta.lastModified ge "2026-05-13T06:42:34+02:00"',
  'meta.lastModified le "2026-05-13T04:42:34Z"',
  'title pr and active eq true',
  'nickName pr or title pr',
  `schemas eq "${ENTERPRISE_USER_SCHEMA}"`,
  `${ENTERPRISE_USER_SCHEMA}:department eq "tours"`,
  `${ENTERPRISE_USER_SCHEMA} pr`,
  'userName ne "x" and not (emails co "example.net" or emails.value co "example.de")',
  'emails[type eq "work" and value co "@example.com"]',
  'emails[type eq "work"].value eq "babs@example.com"',
  'emails co "jensen.org"',
  'emails.type eq "home"',
  'active eq "True"',
  'externalId eq Ext7',
  'nickName eq null',
  'title ne null',
  'nickName ne "x"',
  'not(nickName pr)',
  'nickName pr and title pr or active eq true',
];
const FALSE: readonly string[] = [
  'externalId eq "ext7"',
  'nickName pr',
  'nickName gt "a"',
  'active eq false',
  'title pr and (nickName pr or active eq false)',
  'emails[type eq "work" and value co "jensen.org"]',
  'not (title pr)',
  'title eq ""',
  'meta.lastModified lt "2026-05-13T04:42:34Z"',
];

test('filters mean what RFC 7644 §3.4.2.2 says', () => {
  for (const filter of TRUE) assert.equal(matches(filter), true, filter);
  for (const filter of FALSE) assert.equal(matches(filter), false, filter);
});

test('a filter that is none is refused with the place of the mistake', () => {
  const wrong: readonly (readonly [string, RegExp])[] = [
    ['', /character 1/],
    ['userName', /an operator/],
    ['userName eq', /a value at character 12/],
    ['userName is "x"', /an operator .* at character 10/],
    ['userName eq "x', /no closing quote/],
    ['userName eq "\\x"', /not a JSON string/],
    ['userName eq "a" title pr', /and, or, or the end at character 17/],
    ['(title pr', /Expected \)/],
    ['emails[type eq "work"', /Expected \]/],
    ['emails[emails[type pr]]', /an operator/],
    ['not title pr', /an operator/],
    ['title eq unquoted', /double quotes/],
    ['1title pr', /an attribute/],
  ];
  for (const [text, message] of wrong)
    assert.match(refused('INVALID_FILTER', () => parseFilter(text)).message, message, text);
});

test('a filter that does not suit the schema is refused', () => {
  for (const text of [
    'colour eq "x"',
    'name.colour eq "x"',
    'password eq "x"',
    'active gt true',
    'active co "t"',
    'name eq "x"',
    'meta.lastModified gt "yesterday"',
    'title gt null',
    'name[givenName eq "x"]',
    'urn:example:other:title pr',
    '__proto__ pr',
    'constructor eq "x"',
  ])
    refused('INVALID_FILTER', () => resolveFilter(parseFilter(text), USER_TYPE, { mode: 'tolerant' }));
  refused('INVALID_FILTER', () => resolveFilter(parseFilter('active eq "True"'), USER_TYPE, { mode: 'strict' }));
});

test('a filter has limits', () => {
  refused('INVALID_FILTER', () => parseFilter(`title eq "${'x'.repeat(4_096)}"`));
  refused('INVALID_FILTER', () => parseFilter(`${'('.repeat(30)}title pr${')'.repeat(30)}`));
  refused('INVALID_FILTER', () => parseFilter(Array.from({ length: 101 }, () => 'title pr').join(' or ')));
});

test('a path is an attribute, or a value path with or without a sub-attribute', () => {
  assert.deepEqual(parsePath(`${ENTERPRISE_USER_SCHEMA}:manager.value`), {
    path: { urn: ENTERPRISE_USER_SCHEMA, name: 'manager', sub: 'value' },
  });
  assert.equal(parsePath('emails[type eq "work"].value').path.sub, 'value');
  for (const text of ['', 'emails[', 'emails[]', 'emails[type eq "a"]value', 'emails.value[type pr]', 'a.b.c', 'a b'])
    refused('INVALID_PATH', () => parsePath(text));
});

test('text is compared by code point, as the database sorts it', () => {
  const shadow = (title: string) => canonicalShadow(user({ title }), USER_TYPE, { id: 'x', meta: {} });
  const filter = resolveFilter(parseFilter('title gt "\uffee"'), USER_TYPE);
  assert.equal(matchesFilter(filter, shadow('\u{1f600}')), true);
  assert.equal(matchesFilter(filter, shadow('\uff21')), false);
});

const path = fc.constantFrom(
  { name: 'userName' },
  { name: 'emails', sub: 'value' },
  { urn: ENTERPRISE_USER_SCHEMA, name: 'department' },
  { name: 'not' },
  { name: 'and' },
);
const literal = fc.oneof(
  fc.string({ unit: 'grapheme' }).filter((text) => text.isWellFormed() && !text.includes('\u0000')),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (number === 0 ? 0 : number)),
  fc.boolean(),
  fc.constant(null),
);
const { filter: anyFilter } = fc.letrec<{ filter: Filter; inner: Filter }>((tie) => {
  const test = (at: typeof path | fc.Arbitrary<{ name: string }>) =>
    fc.oneof(
      fc.record({ kind: fc.constant('present' as const), path: at, position: fc.constant(0) }),
      fc
        .tuple(at, fc.constantFrom(...COMPARISONS), literal)
        .map(
          ([of, operator, value]): Filter => ({ kind: 'compare', path: of, operator, value, text: '', position: 0 }),
        ),
    );
  const compose = (term: fc.Arbitrary<Filter>) => [
    fc
      .tuple(fc.constantFrom('and' as const, 'or' as const), fc.array(term, { minLength: 2, maxLength: 3 }))
      .map(([kind, terms]): Filter => ({ kind, terms, position: 0 })),
    term.map((inner): Filter => ({ kind: 'not', term: inner, position: 0 })),
  ];
  const named = fc.constantFrom({ name: 'type' }, { name: 'value' });
  return {
    inner: fc.oneof({ maxDepth: 2, depthSize: 'small' }, test(named), ...compose(tie('inner'))),
    filter: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      test(path),
      tie('inner').map((inner): Filter => ({ kind: 'element', path: { name: 'emails' }, filter: inner, position: 0 })),
      ...compose(tie('filter')),
    ),
  };
});

/** Without what says only where something was written. */
const essence = (filter: Filter): unknown =>
  JSON.parse(JSON.stringify(filter, (key, value) => (key === 'position' || key === 'text' ? undefined : value)));

test('a filter as text is read as the same filter', () => {
  fc.assert(
    fc.property(anyFilter, (filter) => {
      const text = formatFilter(filter);
      const read = parseFilter(text, { maxLength: 1_000_000, maxDepth: 100, maxTerms: 10_000 });
      assert.deepEqual(essence(read), essence(filter), text);
      assert.equal(formatFilter(read), text);
    }),
    { numRuns: 2_000 },
  );
});

test('any text is a filter or refused with INVALID_FILTER', () => {
  const word = fc.constantFrom(
    'userName',
    'emails',
    '[',
    ']',
    '(',
    ')',
    'eq',
    'pr',
    'and',
    'or',
    'not',
    '"x"',
    'true',
    '.',
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(word).map((words) => words.join(' ')),
  );
  fc.assert(
    fc.property(text, fc.boolean(), (sent, tolerant) => {
      try {
        matchesFilter(resolveFilter(parseFilter(sent, { tolerant }), USER_TYPE), BABS);
      } catch (error) {
        if (!isProvostError(error, 'INVALID_FILTER')) throw error;
      }
    }),
    { numRuns: 3_000 },
  );
});

test('a tolerant reader takes strings in quotes of other kinds, and words without any', () => {
  const valueIn = (text: string): unknown => {
    const filter = parseFilter(`title eq ${text}`, { tolerant: true });
    return filter.kind === 'compare' ? filter.value : filter.kind;
  };
  const cases: readonly (readonly [string, string])[] = [
    ["'work'", 'work'],
    ["'O'Brien'", "O'Brien"],
    ["'O\\'Brien'", "O'Brien"],
    ['\'a "b" c\'', 'a "b" c'],
    ["'a\\\\b\\u00e9'", 'a\\b\u00e9'],
    ['\u2018a\u2019', 'a'],
    ['\u201ca b\u201d', 'a b'],
    ['\u201ea\u201c', 'a'],
    ['\u00aba\u00bb', 'a'],
    ["''", ''],
    ["O'Brien", "O'Brien"],
    ['Sales Team', 'Sales Team'],
    ['Sales  Team ', 'Sales  Team'],
    ['007 James', '007 James'],
    ['"\'"', "'"],
  ];
  for (const [text, value] of cases) assert.equal(valueIn(text), value, text);
  assert.equal(valueIn("'a' and title eq b c or title eq d"), 'or');
  for (const text of ["'a", "'a'b", '\u201ca', "'a\\q'", "'a' b"])
    assert.throws(() => parseFilter(`title eq ${text}`, { tolerant: true }), /character/, text);
  for (const [text] of cases.slice(0, 13))
    assert.throws(() => parseFilter(`title eq ${text}`), /quotes|character/, text);
});
