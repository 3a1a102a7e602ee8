import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startInstallation, type TestInstallation } from '../../end-to-end/installation.ts';
import { CORE, ENTERPRISE, newTenant1 } from './client.ts';

let provost: TestInstallation;
let tenant: Awaited<ReturnType<typeof newTenant1>>;
before(async () => {
  provost = await startInstallation();
  tenant = await newTenant1(provost.url);
  for (const [index, userName] of ['ada', 'bob', 'cleo'].entries()) {
    const made = await tenant.scim1('POST', '/Users', {
      schemas: [CORE, ENTERPRISE],
      userName,
      title: index === 0 ? 'Chief' : 'Guide',
      name: { familyName: `O'${userName}` },
      emails: [{ value: `${userName}@x.test`, type: index === 2 ? 'home' : 'work' }],
      [ENTERPRISE]: { department: 'Tour', employeeNumber: String(7 + index), manager: { managerId: `m-${userName}` } },
    });
    assert.equal(made.status, 201, made.text);
  }
});
after(() => provost.stop());

/** Each reads; none depends on what another did. */
const FOUND: Readonly<Record<string, readonly string[]>> = {
  'userName eq "ada"': ['ada'],
  'userName Eq ADA': ['ada'],
  'userName Eq PRIMARY/ada': ['ada'],
  'title eq "Guide"': ['bob', 'cleo'],
  'name.familyName co "O\'" and title eq "Chief"': ['ada'],
  'userName sw "b" or userName sw "c"': ['bob', 'cleo'],
  'userName gt "ada"': ['bob', 'cleo'],
  'userName ge "bob"': ['bob', 'cleo'],
  'userName lt "bob"': ['ada'],
  'userName le "bob"': ['ada', 'bob'],
  'nickName pr': [],
  'title pr': ['ada', 'bob', 'cleo'],
  'emails.type eq "home"': ['cleo'],
  'emails co "@x.test"': ['ada', 'bob', 'cleo'],
  'urn:scim:schemas:extension:enterprise:1.0:employeeNumber eq "8"': ['bob'],
  'employeeNumber eq 9': ['cleo'],
  'manager.managerId eq "m-ada"': ['ada'],
  'urn:scim:schemas:core:1.0:userName eq "bob"': ['bob'],
  'meta.created gt "2011-05-13T04:42:34Z"': ['ada', 'bob', 'cleo'],
  'userName Eq nobody': [],
};

for (const [filter, names] of Object.entries(FOUND))
  test(`${filter} finds ${names.join(', ') || 'nobody'}`, async () => {
    const found = await tenant.find('Users', { filter, sortBy: 'userName' });
    assert.equal(found.totalResults, names.length, JSON.stringify(found));
    assert.deepEqual(
      found.Resources.map(({ userName }) => userName),
      names,
    );
  });

test('a page has the form of 1.1', async () => {
  const answer = await tenant.scim1('GET', '/Users?startIndex=2&count=1&sortBy=userName&sortOrder=descending');
  const { Resources, ...envelope } = answer.body;
  assert.deepEqual(envelope, { schemas: [CORE], totalResults: 3, itemsPerPage: 1, startIndex: 2 });
  assert.deepEqual(
    (Resources as { userName: string }[]).map(({ userName }) => userName),
    ['bob'],
  );
});

test('attributes selects by the names of 1.1, id comes always', async () => {
  const attributes = `userName,${ENTERPRISE}:manager.managerId`;
  const { Resources } = await tenant.find('Users', { attributes, filter: 'userName eq "ada"' });
  const [{ id, schemas, ...shown } = {}] = Resources;
  assert.ok(id);
  assert.deepEqual(schemas, [CORE, ENTERPRISE]);
  assert.deepEqual(shown, { userName: 'ada', [ENTERPRISE]: { manager: { managerId: 'm-ada' } } });
});

test('sorting by an attribute of the extension goes by its 1.1 name', async () => {
  const { Resources } = await tenant.find('Users', { sortBy: 'employeeNumber', sortOrder: 'descending' });
  assert.deepEqual(
    Resources.map(({ userName }) => userName),
    ['cleo', 'bob', 'ada'],
  );
});

test('a suffix asks for a format as Accept does', async () => {
  const json = await tenant.scim1('GET', '/Users.json?count=1', undefined, { accept: 'application/xml' });
  assert.match(json.headers.get('content-type') ?? '', /^application\/json/);
  const xml = await tenant.scim1('GET', '/Users.xml?count=1');
  assert.match(xml.headers.get('content-type') ?? '', /^application\/xml/);
  assert.match(xml.text, /<Response .*<totalResults>3<\/totalResults><itemsPerPage>1<\/itemsPerPage>/);
  const accepted = await tenant.scim1('GET', '/Users?count=1', undefined, { accept: 'application/xml' });
  assert.equal(accepted.text, xml.text);
  const browser = await tenant.scim1('GET', '/Users?count=1', undefined, { accept: 'text/html' });
  assert.match(browser.headers.get('content-type') ?? '', /^application\/json/);
});
