import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { until } from '../until.ts';
import { editTarget } from './edit-target.ts';
import { ownEnvironment } from './environment.ts';
import { startInstallation, type TestInstallation } from './installation.ts';
import { type FaultySandbox, type HeldAccount, startFaultySandbox } from './sandbox.ts';
import { newTenant, replacing, sender, settled, type TestTenant } from './tenant.ts';

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

let provost: TestInstallation;
let sandbox: FaultySandbox;

before(async () => {
  provost = await startInstallation({ env: ownEnvironment() });
});
afterEach(() => sandbox.stop());
after(() => provost.stop());

async function tenantWith(mapping: object, own: object = {}): Promise<TestTenant> {
  sandbox = await startFaultySandbox();
  return newTenant(provost.url, { targets: [{ ...sandbox.wish, mapping, ...own }] });
}

const account = async (name: string): Promise<HeldAccount | undefined> => (await sandbox.accounts(name))[0];
const managerOf = (held: HeldAccount | undefined): unknown =>
  (held?.[ENTERPRISE] as { manager?: { value?: string } } | undefined)?.manager?.value;

async function create(tenant: TestTenant, user: object): Promise<string> {
  const answer = await tenant.scim('POST', '/Users', { schemas: [USER], ...user });
  assert.equal(answer.status, 201, answer.text);
  await settled(tenant, answer);
  return String(answer.body['id']);
}

test('a manager is sent as the id of his account at the target, and follows when he has one there', async () => {
  const tenant = await tenantWith({ kind: 'like-for-like' });
  const boss = await create(tenant, { userName: 'boss' });
  const report = { schemas: [USER, ENTERPRISE], userName: 'report', [ENTERPRISE]: { manager: { value: boss } } };
  await create(tenant, report);
  assert.equal(managerOf(await account('report')), (await account('boss'))?.id);

  // Hired before his manager: the target leaves her out.
  await editTarget(tenant, tenant.targets[0] ?? '', { scope: { User: 'resource.userName != "late"' } });
  const late = await create(tenant, { userName: 'late' });
  await create(tenant, { ...report, userName: 'early', [ENTERPRISE]: { manager: { value: late } } });
  assert.equal(managerOf(await account('early')), undefined);
  await editTarget(tenant, tenant.targets[0] ?? '', { scope: undefined });
  await settled(tenant, await tenant.scim('PATCH', `/Users/${late}`, replacing('title', 'Boss')));
  const theirs = (await account('late'))?.id;
  assert.ok(theirs);
  await until(
    'the manager followed',
    async () => managerOf(await account('early')),
    (value) => value === theirs,
  );
});

test('two who manage each other settle', async () => {
  const tenant = await tenantWith({ kind: 'like-for-like' });
  const one = await create(tenant, { userName: 'one' });
  const two = await create(tenant, {
    schemas: [USER, ENTERPRISE],
    userName: 'two',
    [ENTERPRISE]: { manager: { value: one } },
  });
  await settled(
    tenant,
    await tenant.scim('PATCH', `/Users/${one}`, replacing(`${ENTERPRISE}:manager`, { value: two })),
  );
  assert.equal(managerOf(await account('one')), (await account('two'))?.id);
  assert.equal(managerOf(await account('two')), (await account('one'))?.id);
});

test('expressions, selections, constants, defaults and a pattern make an account', async () => {
  const tenant = await tenantWith({
    kind: 'rules',
    rules: [
      { target: 'userName', pattern: '{UD,UN}', separator: '-', domain: 'partner.example' },
      { target: 'externalId', source: 'id' },
      { target: 'displayName', expression: 'resource.name.familyName.upperAscii() + ", " + resource.name.givenName' },
      { target: 'title', source: 'title', default: 'Member' },
      { target: 'userType', constant: 'Partner' },
      { target: 'nickName', source: 'emails[type eq "work"].value' },
      { target: 'preferredLanguage', source: 'emails.value', join: ' ' },
    ],
  });
  await create(tenant, {
    userName: 'Ada@example.com',
    name: { givenName: 'Ada', familyName: 'Lovelace' },
    emails: [
      { value: 'ada@home.example', type: 'home', primary: true },
      { value: 'ada@work.example', type: 'work' },
    ],
  });
  const held = await account('primary-');
  assert.deepEqual(
    [
      held?.userName,
      held?.['displayName'],
      held?.['title'],
      held?.['userType'],
      held?.['nickName'],
      held?.['preferredLanguage'],
    ],
    [
      'primary-ada.example.com@partner.example',
      'LOVELACE, Ada',
      'Member',
      'Partner',
      'ada@work.example',
      'ada@home.example ada@work.example',
    ],
  );
});

test('what is create-only is never touched again, and what is empty is cleared or kept as its rule says', async () => {
  const tenant = await tenantWith({
    kind: 'like-for-like',
    exclude: ['nickName'],
    rules: [
      { target: 'title', source: 'title', apply: 'create-only' },
      { target: 'locale', source: 'locale', whenEmpty: 'keep' },
      { target: 'timezone', source: 'timezone' },
    ],
  });
  const id = await create(tenant, {
    userName: 'ina',
    title: 'Trainee',
    locale: 'de-DE',
    timezone: 'Europe/Berlin',
    nickName: 'I',
  });
  const shown = async () => {
    const held = await account('ina');
    return [held?.['title'], held?.['locale'], held?.['timezone'], held?.['nickName'], held?.['displayName']];
  };
  assert.deepEqual(await shown(), ['Trainee', 'de-DE', 'Europe/Berlin', undefined, undefined]);
  const user = { schemas: [USER], userName: 'ina', title: 'Director', displayName: 'Ina' };
  await settled(tenant, await tenant.scim('PUT', `/Users/${id}`, user));
  assert.deepEqual(await shown(), ['Trainee', 'de-DE', undefined, undefined, 'Ina']);
});

test('users of the same name get names of their own, which stay', async () => {
  const tenant = await tenantWith({
    kind: 'like-for-like',
    rules: [
      {
        target: 'userName',
        unique: [
          'resource.name.givenName.substring(0, 1).lowerAscii() + resource.name.familyName.lowerAscii()',
          'resource.name.givenName.lowerAscii() + "." + resource.name.familyName.lowerAscii()',
        ],
      },
    ],
  });
  const name = { givenName: 'Jo', familyName: 'Doe' };
  const ids = await Promise.all(
    Array.from({ length: 8 }, (_, number) => create(tenant, { userName: `jo-${number}`, name })),
  );
  const names = (await sandbox.accounts('j')).map(({ userName }) => userName).sort();
  assert.deepEqual(names, ['jdoe', 'jo.doe', 'jo.doe2', 'jo.doe3', 'jo.doe4', 'jo.doe5', 'jo.doe6', 'jo.doe7']);
  const mine = async (id: string | undefined) =>
    (await sandbox.accounts('j')).find((held) => held['externalId'] === id)?.userName;
  const before = await mine(ids[3]);
  await settled(tenant, await tenant.scim('PATCH', `/Users/${ids[3]}`, replacing('name.givenName', 'Joan')));
  assert.equal(await mine(ids[3]), before);
  assert.equal((await sandbox.accounts('j')).length, 8);
});

test('a mapping that is tried out shows projection, difference and how each rule came out, and sends nothing', async () => {
  const tenant = await tenantWith({ kind: 'like-for-like' });
  const id = await create(tenant, { userName: 'tried', title: 'Clerk' });
  const before = sandbox.received.length;
  const path = `/identity-providers/${tenant.identityProvider}/targets/${tenant.targets[0]}/mapping-test`;
  const rules = [
    { target: 'userName', source: 'userName' },
    { target: 'displayName', expression: 'resource.title + "!"' },
    { target: 'nickName', source: 'nickName' },
    { target: 'locale', source: 'locale', default: 'en' },
    { target: 'userType', expression: 'resource.name.givenName' },
  ];
  const answer = await tenant.admin('POST', path, { resourceId: id, mapping: { kind: 'rules', rules } });
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(answer.body['account'], { userName: 'tried', displayName: 'Clerk!', locale: 'en' });
  assert.deepEqual(
    (answer.body['rules'] as { outcome: string }[]).map(({ outcome }) => outcome),
    ['value', 'value', 'empty', 'default', 'empty'],
  );
  const difference = answer.body['difference'] as { attribute: string }[];
  assert.deepEqual(
    difference.map(({ attribute }) => attribute).filter((name) => name !== 'schemas'),
    ['active', 'displayName', 'externalId', 'locale', 'title'],
  );
  const unsaved = await tenant.admin('POST', path, { resource: { userName: 'nobody', title: 'None' } });
  assert.deepEqual([unsaved.status, (unsaved.body['scope'] as { inScope: boolean }).inScope], [200, true]);
  assert.equal(sandbox.received.length, before);
});

test('a mapping that cannot work is refused where it is saved', async () => {
  sandbox = await startFaultySandbox();
  const tenant = await newTenant(provost.url, {});
  const refused = async (rules: readonly object[]): Promise<string[]> => {
    const answer = await tenant.admin('POST', `/identity-providers/${tenant.identityProvider}/targets`, {
      name: 'Refused',
      connector: 'scim2',
      settings: { baseUrl: sandbox.wish.baseUrl, authentication: { kind: 'none' } },
      mapping: { kind: 'rules', rules },
    });
    assert.equal(answer.status, 400, answer.text);
    return (answer.body['errors'] as { path: string }[]).map((error) => error.path);
  };
  const name = { target: 'userName', source: 'userName' };
  assert.deepEqual(await refused([name, { target: 'title', source: 'tittle' }]), ['mapping.rules[1].source']);
  assert.deepEqual(await refused([name, { target: 'title', expression: 'resource.title +' }]), [
    'mapping.rules[1].expression',
  ]);
  assert.deepEqual(await refused([name, { target: 'title', pattern: 'UD' }]), ['mapping.rules[1].pattern']);
  assert.deepEqual(await refused([name, name]), ['mapping.rules[1].target']);
  assert.deepEqual(await refused([{ target: 'title', source: 'title' }]), ['matchBy']);
});

test('what is not kept here is patched through its mapping read backwards', async () => {
  sandbox = await startFaultySandbox();
  const mapping = {
    kind: 'rules',
    rules: [
      { target: 'userName', source: 'userName' },
      { target: 'externalId', source: 'id' },
      { target: 'nickName', source: 'title' },
    ],
  };
  const tenant = await newTenant(provost.url, { mode: 'provision-only', targets: [{ ...sandbox.wish, mapping }] });
  const id = await create(tenant, { userName: 'passing', title: 'Guest' });
  await settled(tenant, await tenant.scim('PATCH', `/Users/${id}`, replacing('title', 'Host')));
  assert.equal((await account('passing'))?.['nickName'], 'Host');
  const direct = sender(sandbox.wish.baseUrl, { authorization: `Bearer ${sandbox.wish.token}` });
  assert.equal((await direct('GET', '/Users')).body['totalResults'], 1);
});
