import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readXml } from '../../../api/xml/read-xml.ts';
import { type XmlElement, xmlChildren } from '../../../api/xml/xml-element.ts';
import { startInstallation, type TestInstallation } from '../../end-to-end/installation.ts';
import { CORE, ENTERPRISE, newTenant1 } from './client.ts';

let provost: TestInstallation;
before(async () => {
  provost = await startInstallation();
});
after(() => provost.stop());

const USER = `<?xml version="1.0" encoding="UTF-8"?>
<scim:User xmlns:scim="${CORE}" xmlns:e="${ENTERPRISE}">
  <scim:userName>bjensen</scim:userName>
  <scim:name><scim:givenName>Barbara &amp; Babs</scim:givenName><scim:familyName>Jensen</scim:familyName></scim:name>
  <scim:emails>
    <scim:email><scim:value>b@x.test</scim:value><scim:type>work</scim:type><scim:primary>true</scim:primary></scim:email>
    <scim:email><scim:value>babs@x.test</scim:value></scim:email>
  </scim:emails>
  <scim:addresses><scim:address><scim:locality>Hollywood</scim:locality></scim:address></scim:addresses>
  <scim:active>1</scim:active>
  <e:employeeNumber>007</e:employeeNumber>
  <e:manager><e:managerId>26</e:managerId></e:manager>
</scim:User>`;

const textAt = (root: XmlElement, ...path: readonly string[]): string | undefined => {
  let element: XmlElement | undefined = root;
  for (const name of path) element = element === undefined ? undefined : xmlChildren(element, name)[0];
  return element?.text;
};

test('a user in XML is the user in JSON, whatever its prefixes', async () => {
  const { xml, scim1 } = await newTenant1(provost.url);
  const created = await xml('POST', '/Users', USER);
  assert.equal(created.status, 201, created.text);
  assert.match(created.headers.get('content-type') ?? '', /^application\/xml/);
  const root = readXml(created.text);
  assert.deepEqual([root.name, root.namespace], ['User', CORE]);
  const id = textAt(root, 'id');
  assert.ok(created.headers.get('location')?.endsWith(`/scim/v1/Users/${id}`));
  assert.equal(textAt(root, 'name', 'givenName'), 'Barbara & Babs');
  assert.equal(textAt(root, 'emails', 'email', 'primary'), 'true');
  assert.equal(textAt(root, 'meta', 'version'), 'W/"1"');
  const [manager] = xmlChildren(root, 'manager');
  assert.equal(manager?.namespace, ENTERPRISE);
  assert.equal(manager && textAt(manager, 'managerId'), '26');
  const { body } = await scim1('GET', `/Users/${id}`);
  const { meta: _meta, ...attributes } = body;
  assert.deepEqual(attributes, {
    schemas: [CORE, ENTERPRISE],
    id,
    userName: 'bjensen',
    name: { givenName: 'Barbara & Babs', familyName: 'Jensen' },
    emails: [{ value: 'b@x.test', type: 'work', primary: true }, { value: 'babs@x.test' }],
    addresses: [{ locality: 'Hollywood' }],
    active: true,
    [ENTERPRISE]: { employeeNumber: '007', manager: { managerId: '26' } },
  });
});

test('what a client reads in XML it can send back, and nothing changes', async () => {
  const { xml, scim1 } = await newTenant1(provost.url);
  const created = await xml('POST', '/Users', USER);
  const path = `/Users/${textAt(readXml(created.text), 'id')}`;
  const before = await scim1('GET', path);
  const replaced = await xml('PUT', path, created.text);
  assert.equal(replaced.status, 200, replaced.text);
  assert.equal(replaced.headers.get('etag'), 'W/"1"');
  assert.deepEqual((await scim1('GET', path)).body, before.body);
});

test('a PATCH in XML merges, removes and deletes', async () => {
  const { xml, scim1 } = await newTenant1(provost.url);
  const created = await xml('POST', '/Users', USER);
  const path = `/Users/${textAt(readXml(created.text), 'id')}`;
  const patched = await xml(
    'PATCH',
    path,
    `<User xmlns="${CORE}" xmlns:enterprise="${ENTERPRISE}">
      <meta><attributes><attribute>addresses</attribute><attribute>manager</attribute></attributes></meta>
      <title>Guide</title>
      <emails><email><value>babs@x.test</value><operation>delete</operation></email><email operation="delete"><value>b@x.test</value></email><email><value>new@x.test</value></email></emails>
      <enterprise:department>Tour</enterprise:department>
    </User>`,
  );
  assert.equal(patched.status, 200, patched.text);
  const { body } = await scim1('GET', path);
  assert.deepEqual(body['emails'], [{ value: 'new@x.test' }]);
  assert.equal(body['title'], 'Guide');
  assert.equal(body['addresses'], undefined);
  assert.deepEqual(body[ENTERPRISE], { employeeNumber: '007', department: 'Tour' });
});

test('groups and lists are served in XML', async () => {
  const { xml } = await newTenant1(provost.url);
  const id = textAt(readXml((await xml('POST', '/Users', USER)).text), 'id');
  const group = await xml(
    'POST',
    '/Groups',
    `<Group xmlns="${CORE}"><displayName>Staff</displayName><members><member><value>${id}</value></member></members></Group>`,
  );
  assert.equal(group.status, 201, group.text);
  assert.equal(textAt(readXml(group.text), 'members', 'member', 'value'), id);
  const list = readXml((await xml('GET', '/Users?filter=userName%20Eq%20bjensen')).text);
  assert.deepEqual([list.name, list.namespace], ['Response', CORE]);
  assert.equal(textAt(list, 'totalResults'), '1');
  assert.equal(textAt(list, 'Resources', 'Resource', 'id'), id);
  assert.equal(textAt(list, 'Resources', 'Resource', 'groups', 'group', 'display'), 'Staff');
});

test('failures come in XML where XML is asked for', async () => {
  const { xml } = await newTenant1(provost.url);
  const missing = await xml('GET', '/Users/nobody');
  assert.equal(missing.status, 404);
  assert.equal(textAt(readXml(missing.text), 'Errors', 'Error', 'code'), '404');
});

test('hostile XML is refused at once, and no file or network is touched', async () => {
  const { xml, scim1 } = await newTenant1(provost.url);
  const bombs = [
    `<!DOCTYPE User [<!ENTITY x SYSTEM "file:///etc/passwd">]><User xmlns="${CORE}"><userName>&x;</userName></User>`,
    `<!DOCTYPE User SYSTEM "http://127.0.0.1:1/evil.dtd"><User xmlns="${CORE}"><userName>x</userName></User>`,
    `<!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><User><userName>&b;&b;</userName></User>`,
    `<User xmlns="${CORE}">${'<name>'.repeat(20_000)}${'</name>'.repeat(20_000)}</User>`,
    `<User xmlns="${CORE}"><userName>x</userName>`,
    `<User xmlns="${CORE}"><__proto__><admin>true</admin></__proto__><userName>x</userName></User>`,
    `<Group xmlns="${CORE}"><displayName>not a user</displayName></Group>`,
    '{"userName":"json"}',
    '',
  ];
  for (const bomb of bombs) {
    const answer = await xml('POST', '/Users', bomb);
    assert.equal(answer.status, 400, `${bomb.slice(0, 80)}: ${answer.text}`);
    assert.equal(textAt(readXml(answer.text), 'Errors', 'Error', 'code'), '400');
  }
  const many = await xml('POST', '/Users', `<User xmlns="${CORE}">${'<a/>'.repeat(120_000)}</User>`);
  assert.equal(many.status, 413);
  const large = await xml('POST', '/Users', `<User>${'<a/>'.repeat(provost.config.api.bodyLimitBytes / 4)}</User>`);
  assert.equal(large.status, 413);
  assert.equal((await scim1('GET', '/Users')).body['totalResults'], 0);
});
