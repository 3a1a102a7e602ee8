import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { escapeXml } from '../../../api/xml/write-xml.ts';
import { startInstallation, type TestInstallation } from '../../end-to-end/installation.ts';
import { newTenant } from '../../end-to-end/tenant.ts';
import { ENVELOPE, SER, type SoapReply, sendXml } from './soap-client.ts';

let provost: TestInstallation;
let authorization: string;
before(async () => {
  provost = await startInstallation();
  ({ authorization } = await newTenant(provost.url, { mode: 'persist' }));
});
after(() => provost.stop());

const SERVICES = ['RemoteUserStoreManagerService', 'RemoteUserStoreManagerServiceV2', 'UserAdmin'];
/** Milliseconds that an answer may take on a busy machine; each takes a few, or some hundred for a megabyte. */
const PATIENCE = 5_000;

async function send(body: string, type = 'text/xml', service = SERVICES[0]): Promise<SoapReply> {
  const started = performance.now();
  const reply = await sendXml(`${provost.url}/services/${service}`, body, { authorization, 'content-type': type });
  const took = performance.now() - started;
  assert.ok(took < PATIENCE, `took ${Math.round(took)} ms: ${body.slice(0, 200)}`);
  return reply;
}

const within = (content: string, operation = 'isExistingUser'): string =>
  `<s:Envelope xmlns:s="${ENVELOPE['1.1']}"><s:Body><n:${operation} xmlns:n="${SER}">${content}</n:${operation}></s:Body></s:Envelope>`;
const user = (name: string): string => within(`<n:userName>${name}</n:userName>`);

/** An answer that a SOAP client understands: what the operation returned, nothing, or a fault; never a bare 500. */
function assertUnderstandable({ status, text, fault, headers }: SoapReply, of: string): void {
  assert.notEqual(headers.get('provost-error'), 'INTERNAL', `an unexpected failure for ${of.slice(0, 500)}`);
  if (status === 202) assert.equal(text, '');
  else if (status === 200) assert.match(text, /<soapenv:Body><ns:\w+Response/);
  else assert.ok(fault !== undefined && fault.reason !== '', `${status} ${text} for ${of.slice(0, 500)}`);
}

const entities = Array.from({ length: 20 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`).join('');
const HOSTILE: Readonly<Record<string, string>> = {
  'a billion laughs': `<!DOCTYPE x [<!ENTITY l0 "ha">${entities}]>${user('&l20;')}`,
  'an external entity': `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>${user('&e;')}`,
  'an external parameter entity': `<!DOCTYPE x [<!ENTITY % e SYSTEM "http://127.0.0.1:1/x.dtd"> %e;]>${user('x')}`,
  'an external document type': `<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">${user('x')}`,
  'a document type in small letters': `<!doctype x>${user('x')}`,
  'an entity nobody declared': user('&secret;'),
  'depth 10,000': within('<a>'.repeat(10_000) + '</a>'.repeat(10_000)),
  'depth 10,000, unclosed': `${user('x').slice(0, -10)}${'<a>'.repeat(10_000)}`,
  '5 MB of text': user('x'.repeat(5_000_000)),
  '900 kB of text': user('x'.repeat(900_000)),
  '70,000 elements': within('<n:userName/>'.repeat(70_000)),
  '80,000 attributes': within(
    `<n:userName ${Array.from({ length: 80_000 }, (_, n) => `a${n}=""`).join(' ')}>x</n:userName>`,
  ),
  '20,000 namespaces': within(
    `<n:userName ${Array.from({ length: 20_000 }, (_, n) => `xmlns:a${n}="u${n}"`).join(' ')}>x</n:userName>`,
  ),
  '25,000 elements': within('<n:userName>x</n:userName>'.repeat(24_900)),
  'a name of 900 kB': within(`<${'a'.repeat(450_000)}></${'a'.repeat(450_000)}>`),
  'unclosed tags': user('x').slice(0, -20),
  'an unclosed comment': `${user('x')}<!--${'-'.repeat(100_000)}`,
  'an unclosed CDATA section': user('<![CDATA[x'),
  '200,000 open brackets': '<'.repeat(200_000),
  '200,000 bangs': '<!'.repeat(100_000),
  '100,000 ampersands': user('&'.repeat(100_000)),
  'a null character': user('\u0000'),
  'a null character by number': user('&#0;'),
  'half a surrogate pair by number': user('&#xD800;'),
  'a prefix nobody declared': within('<z:userName>x</z:userName>'),
  'an attribute twice': within('<n:userName a="1" a="2">x</n:userName>'),
  'names of object properties': within('<__proto__>x</__proto__><constructor a="1">x</constructor><hasOwnProperty/>'),
  'two documents': `${user('x')}${user('x')}`,
  'processing instructions': `<?x ${'y'.repeat(100_000)}?>${user('x')}`,
  'elements where text is expected': within('<n:userName><b>x</b></n:userName>'),
};

for (const [what, body] of Object.entries(HOSTILE))
  test(`${what} ends soon, with an answer that a client understands`, async () => {
    for (const type of ['text/xml', 'application/soap+xml']) assertUnderstandable(await send(body, type), body);
  });

test('nothing of a file or an entity comes back', async () => {
  for (const what of ['a billion laughs', 'an external entity', 'an external parameter entity']) {
    const reply = await send(HOSTILE[what] ?? '');
    assert.deepEqual([reply.status, reply.fault?.code], [500, 'soapenv:Client'], what);
    assert.match(reply.fault?.reason ?? '', /document type/);
  }
});

const piece = fc.constantFrom(
  `<s:Envelope xmlns:s="${ENVELOPE['1.1']}">`,
  `<s:Envelope xmlns:s="${ENVELOPE['1.2']}">`,
  '<s:Header>',
  '</s:Header>',
  '<s:Body>',
  '</s:Body>',
  '</s:Envelope>',
  `<n:listUsers xmlns:n="${SER}">`,
  '</n:listUsers>',
  '<n:filter>',
  '</n:filter>',
  '*',
  '<!--',
  '-->',
  '<![CDATA[',
  ']]>',
  '<!DOCTYPE a [',
  '<!ENTITY b "c">',
  ']>',
  '&b;',
  '&amp;',
  '&#x41;',
  '<?xml version="1.0"?>',
  '<',
  '>',
  '"',
  ' a="b"',
  '\n',
  '\u0000',
);

test('no sequence of pieces of XML gets anything but an answer that a client understands', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join('')),
      fc.constantFrom(...SERVICES),
      async (body, service) => assertUnderstandable(await send(body, 'text/xml', service), body),
    ),
    { numRuns: 400 },
  );
});

const anyText = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.constantFrom(
    '',
    '*',
    '**?',
    '/',
    'PRIMARY/',
    '/x',
    'HR/x',
    'Internal/',
    '"',
    '\\',
    '$ne',
    '\ud800',
    '-1',
    '1e9',
    ',',
  ),
);
const claimUri = fc.oneof(
  anyText,
  fc
    .constantFrom('emailaddress', 'emails.work', 'active', 'country', 'role', 'created')
    .map((name) => `http://wso2.org/claims/${name}`),
);
const operations = fc.constantFrom(
  ['isExistingUser', ['userName']],
  ['listUsers', ['filter', 'maxItemLimit']],
  ['getUserList', ['claimUri', 'claimValue', 'profile']],
  ['getUserClaimValue', ['userName', 'claim', 'profileName']],
  ['getUserClaimValuesForClaims', ['userName', 'claims', 'claims']],
  ['getUserListOfRole', ['roleName']],
  ['isExistingRole', ['roleName']],
  ['deleteUser', ['userName']],
  ['updateRoleListOfUser', ['userName', 'newRoles']],
  ['setUserClaimValue', ['userName', 'claimURI', 'claimValue']],
  ['addUser', ['userName', 'credential', 'roleList']],
  ['addRole', ['roleName', 'userList']],
) as fc.Arbitrary<[string, string[]]>;

test('no text in any parameter gets anything but an answer that a client understands', async () => {
  await fc.assert(
    fc.asyncProperty(
      operations.chain(([operation, names]) =>
        fc.tuple(
          fc.constant(operation),
          fc.tuple(
            ...names.map((name) => fc.tuple(fc.constant(name), /claim(?!Value)/i.test(name) ? claimUri : anyText)),
          ),
        ),
      ),
      async ([operation, parameters]) => {
        const body = within(
          parameters.map(([name, text]) => `<n:${name}>${escapeXml(text)}</n:${name}>`).join(''),
          operation,
        );
        assertUnderstandable(await send(body), body);
      },
    ),
    { numRuns: 400 },
  );
});
