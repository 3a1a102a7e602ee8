import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { startInstallation, type TestInstallation } from '../../end-to-end/installation.ts';
import type { Answer } from '../../end-to-end/tenant.ts';
import { CORE, ENTERPRISE, errorOf, newTenant1 } from './client.ts';

let provost: TestInstallation;
let tenant: Awaited<ReturnType<typeof newTenant1>>;
let path: string;
before(async () => {
  provost = await startInstallation();
  tenant = await newTenant1(provost.url);
  const { body } = await tenant.scim1('POST', '/Users', { schemas: [CORE], userName: 'target', title: 'Guide' });
  path = `/Users/${body['id']}`;
});
after(() => provost.stop());

/** Whatever is sent, the server understands it or says what is wrong. */
function understoodOrRefused(answer: Answer, sent: string): void {
  assert.ok(answer.status < 500, `${answer.status} for ${sent}: ${answer.text}`);
  if (answer.status >= 400 && /json/.test(answer.headers.get('content-type') ?? ''))
    assert.equal(errorOf(answer).code, String(answer.status));
}

const name = fc.constantFrom(
  'userName',
  'emails',
  'emails.value',
  'name.familyName',
  'manager.managerId',
  `${CORE}:title`,
  `${ENTERPRISE}:department`,
  'meta.created',
  'active',
  'groups',
  'password',
  'nothing',
  'x509Certificates',
  '$where',
  '__proto__',
);
const value = fc.constantFrom(
  '"x"',
  'x',
  '7',
  'true',
  '"2026-01-01T00:00:00Z"',
  '""',
  '"\\u0000"',
  '"(.*)+$"',
  'null',
  '"a',
  ')',
);
const filter = fc
  .array(
    fc.tuple(
      name,
      fc.constantFrom('eq', 'Eq', 'co', 'sw', 'pr', 'gt', 'GE', 'lt', 'le', 'ne', '='),
      value,
      fc.constantFrom('and', 'or', '', ') or (', 'and not ('),
    ),
    { minLength: 1, maxLength: 5 },
  )
  .map((terms) => terms.map((term) => term.join(' ')).join(' '));

test('no filter brings the server down', async () => {
  await fc.assert(
    fc.asyncProperty(filter, async (text) => {
      const query = new URLSearchParams({ filter: text, sortBy: 'userName', count: '5' });
      understoodOrRefused(await tenant.scim1('GET', `/Users?${query}`), text);
    }),
    { numRuns: 300 },
  );
});

const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<unknown>('delete', 'emails', 'x', '', null, true, 7, 1e300, '\u0000', '\ud800'),
    tie('list'),
    tie('object'),
  ),
  list: fc.array(tie('value'), { maxLength: 3 }),
  object: fc.dictionary(
    fc.constantFrom(
      'meta',
      'emails',
      'name',
      'title',
      'active',
      ENTERPRISE,
      'wso2Extension',
      'attributes',
      'value',
      'operation',
      'manager',
      'schemas',
      '__proto__',
      'constructor',
    ),
    tie('value'),
    { maxKeys: 5 },
  ),
})).object;

test('no PATCH or PUT brings the server down', async () => {
  await fc.assert(
    fc.asyncProperty(json, fc.constantFrom('PATCH', 'PUT'), async (body, method) => {
      const text = JSON.stringify(method === 'PUT' ? { ...(body as object), userName: 'target' } : body);
      understoodOrRefused(await tenant.scim1(method, path, text), text);
    }),
    { numRuns: 150 },
  );
});

const xmlPiece = fc.constantFrom(
  `<User xmlns="${CORE}">`,
  '</User>',
  '<userName>',
  '</userName>',
  'x',
  '<emails>',
  '</emails>',
  '<email/>',
  '<value>v</value>',
  '&amp;',
  '&x;',
  '<![CDATA[',
  ']]>',
  '<!--',
  '-->',
  '<!DOCTYPE a>',
  '<meta><attributes>title</attributes></meta>',
  `<e:department xmlns:e="${ENTERPRISE}">`,
  '</e:department>',
  '\u0001',
  '<a b="',
  '"',
);

test('no XML brings the server down', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(xmlPiece, { maxLength: 15 }), async (pieces) => {
      const text = pieces.join('');
      understoodOrRefused(await tenant.xml('PATCH', path, text === '' ? ' ' : text), text);
    }),
    { numRuns: 300 },
  );
});
