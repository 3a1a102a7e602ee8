import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { startInstallation, type TestInstallation } from '../end-to-end/installation.ts';
import { newTenant, type TestTenant } from '../end-to-end/tenant.ts';

/** Requests of each kind. `PROVOST_FUZZ_RUNS=10000` for a thorough look. */
const numRuns = Number(process.env['PROVOST_FUZZ_RUNS'] ?? 250);
/** Answered within this, whatever is asked: no hang. */
const PATIENCE_MS = 20_000;

let provost: TestInstallation;
let tenant: TestTenant;
let user: string;
let group: string;

before(async () => {
  provost = await startInstallation();
  tenant = await newTenant(provost.url, { mode: 'persist' });
  const created = await tenant.scim('POST', '/Users', {
    userName: 'fuzzed',
    emails: [{ value: 'f@x.example', type: 'work' }],
  });
  user = `/Users/${created.body['id']}`;
  const grouped = await tenant.scim('POST', '/Groups', {
    displayName: 'Fuzzed',
    members: [{ value: created.body['id'] }],
  });
  group = `/Groups/${grouped.body['id']}`;
});
after(() => provost.stop());

const NAMES = [
  'userName',
  'USERNAME',
  'name.givenName',
  'emails',
  'emails.value',
  'emails[type eq "work"].value',
  'active',
  'meta.lastModified',
  'urn:ietf:params:scim:schemas:core:2.0:User:userName',
  'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager',
  'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
  'members',
  'members[value eq "x"]',
  'groups',
  'groups.value',
  'id',
  'schemas',
  'password',
  'nope',
  '__proto__',
  'constructor',
];
const names = fc.oneof(fc.constantFrom(...NAMES), fc.string({ maxLength: 12 }));
const literal = fc.oneof(
  fc.string({ maxLength: 8 }).map((text) => JSON.stringify(text)),
  fc.integer().map(String),
  fc.constantFrom('true', 'null', '"2020-01-01T00:00:00Z"', 'bare', '"'),
);
const comparison = fc
  .tuple(names, fc.constantFrom('eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le', 'pr', 'EQ', 'xx'), literal)
  .map(([name, operator, value]) => (operator === 'pr' ? `${name} pr` : `${name} ${operator} ${value}`));
const { filter } = fc.letrec<{ filter: string }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 4 },
    comparison,
    fc.tuple(tie('filter'), fc.constantFrom('and', 'or'), tie('filter')).map((parts) => parts.join(' ')),
    tie('filter').map((inner) => `not (${inner})`),
    fc.tuple(names, tie('filter')).map(([name, inner]) => `${name}[${inner}]`),
    fc.string({ unit: 'grapheme', maxLength: 40 }),
  ),
}));
const operation = fc.oneof(
  fc.record(
    {
      op: fc.oneof(fc.constantFrom('add', 'Replace', 'remove'), fc.jsonValue()),
      path: fc.oneof(names, filter, fc.jsonValue()),
      value: fc.jsonValue(),
    },
    { requiredKeys: [] },
  ),
  fc.jsonValue(),
);
const attributes = fc.dictionary(names, fc.jsonValue(), { maxKeys: 6 });

/** Milliseconds of each answer of the test that runs. */
const times: number[] = [];

/** Every answer is one of the protocol's own: never a failure of ours, and an error in SCIM's form. */
async function isAnswered(method: string, path: string, body?: unknown): Promise<void> {
  const started = performance.now();
  const answer = await tenant.scim(method, path, body, { 'content-type': 'application/scim+json' });
  const took = performance.now() - started;
  times.push(took);
  assert.ok(took < PATIENCE_MS, `${method} took ${took} ms`);
  assert.ok(answer.status < 500 || answer.status === 501, `${answer.status} ${answer.text}`);
  if (answer.status < 400) return;
  assert.deepEqual(answer.body['schemas'], ['urn:ietf:params:scim:api:messages:2.0:Error'], answer.text);
  assert.equal(answer.body['status'], String(answer.status));
  assert.ok(String(answer.body['detail']).length > 0);
}

async function everyOne<T>(
  context: TestContext,
  arbitrary: fc.Arbitrary<T>,
  ask: (value: T) => Promise<void>,
): Promise<void> {
  times.length = 0;
  await fc.assert(fc.asyncProperty(arbitrary, ask), { numRuns, seed: 7644, endOnFailure: true });
  times.sort((left, right) => left - right);
  const at = (share: number): string => (times[Math.floor(times.length * share)] ?? 0).toFixed(1);
  context.diagnostic(`${times.length} answers: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, p99.9 ${at(0.999)} ms`);
}

test('whatever filter, sort and page is asked for, there is an answer', (context) =>
  everyOne(
    context,
    fc.tuple(filter, fc.constantFrom('Users', 'Groups'), names, fc.string({ maxLength: 4 })),
    ([text, type, sortBy, count]) =>
      isAnswered('GET', `/${type}?${new URLSearchParams({ filter: text, sortBy, count })}`),
  ));

test('whatever a PATCH says, there is an answer', (context) =>
  everyOne(context, fc.tuple(fc.array(operation, { maxLength: 4 }), fc.boolean()), ([Operations, ofGroup]) =>
    isAnswered('PATCH', ofGroup ? group : user, {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations,
    }),
  ));

test('whatever is posted, there is an answer', (context) =>
  everyOne(
    context,
    fc.tuple(fc.oneof(attributes, fc.jsonValue()), fc.constantFrom('Users', 'Groups', 'Users/.search', 'Bulk')),
    ([body, path]) => isAnswered('POST', `/${path}`, JSON.stringify(body)),
  ));
