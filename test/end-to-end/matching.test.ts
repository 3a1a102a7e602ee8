import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { until } from '../until.ts';
import { ownEnvironment } from './environment.ts';
import { startInstallation, type TestInstallation } from './installation.ts';
import { type FaultySandbox, startFaultySandbox } from './sandbox.ts';
import {
  type Answer,
  inState,
  newTenant,
  patchOf,
  replacing,
  type Send,
  sender,
  settled,
  type TestTenant,
} from './tenant.ts';

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';

let provost: TestInstallation;
let sandbox: FaultySandbox;
let directly: Send;

before(async () => {
  provost = await startInstallation({ env: ownEnvironment() });
});
afterEach(() => sandbox.stop());
after(() => provost.stop());

async function tenantWith(own: object): Promise<TestTenant> {
  sandbox = await startFaultySandbox();
  directly = sender(sandbox.wish.baseUrl, { authorization: `Bearer ${sandbox.wish.token}` });
  return newTenant(provost.url, { targets: [{ ...sandbox.wish, ...own }] });
}

const there = async (account: object): Promise<string> =>
  String((await directly('POST', '/Users', { schemas: [USER], ...account })).body['id']);
const title = async (id: string): Promise<unknown> => (await directly('GET', `/Users/${id}`)).body['title'];
const targetPath = ({ identityProvider, targets }: TestTenant): string =>
  `/identity-providers/${identityProvider}/targets/${targets[0]}`;
const decide = (tenant: TestTenant, resourceId: string, decision: object): Promise<Answer> =>
  tenant.admin('POST', `${targetPath(tenant)}/account-decisions`, { resourceId, decision });
const parkedBecause = async (tenant: TestTenant, answer: Answer): Promise<string> => {
  const { waits } = await inState(tenant, answer.headers.get('provost-change') ?? '', 'parked');
  return String((waits as { code: string }[])[0]?.code);
};

test('matching rules are tried in their order, all attributes of one at once', async () => {
  const tenant = await tenantWith({
    matching: { rules: [{ attributes: ['nickName', 'title'] }, { attributes: ['displayName'] }] },
  });
  const wrong = await there({ userName: 'wrong', nickName: 'Al', title: 'Other' });
  const right = await there({ userName: 'right', nickName: 'Al', title: 'Clerk' });
  const named = await there({ userName: 'named', displayName: 'Bea' });
  await settled(tenant, await tenant.scim('POST', '/Users', { userName: 'al', nickName: 'Al', title: 'Clerk' }));
  await settled(tenant, await tenant.scim('POST', '/Users', { userName: 'bea', displayName: 'Bea', title: 'Chief' }));
  const userName = async (id: string) => (await directly('GET', `/Users/${id}`)).body['userName'];
  assert.deepEqual([await userName(wrong), await userName(right), await userName(named)], ['wrong', 'al', 'bea']);
});

test('where several match, a person says which one it is', async () => {
  const tenant = await tenantWith({ matching: { rules: [{ attributes: ['displayName'] }] } });
  await there({ userName: 'first', displayName: 'Twin', title: 'First' });
  const second = await there({ userName: 'second', displayName: 'Twin', title: 'Second' });
  const created = await tenant.scim('POST', '/Users', { userName: 'twin', displayName: 'Twin', title: 'Mine' });
  assert.equal(await parkedBecause(tenant, created), 'TARGET_AMBIGUOUS_MATCH');
  assert.equal((await decide(tenant, String(created.body['id']), { kind: 'link', remoteId: second })).status, 202);
  await settled(tenant, created);
  assert.equal(await title(second), 'Mine');
  assert.equal((await sandbox.accounts('')).length, 2);
});

test('where one that matches, or none, is to be looked at by a person, it is; and another one can be created', async () => {
  const tenant = await tenantWith({
    matching: { rules: [{ attributes: ['displayName'] }], onOne: 'park', onNone: 'park' },
  });
  const namesake = await there({ userName: 'namesake', displayName: 'Kim', title: 'Theirs' });
  const kim = await tenant.scim('POST', '/Users', { userName: 'kim', displayName: 'Kim', title: 'Ours' });
  assert.equal(await parkedBecause(tenant, kim), 'TARGET_MATCH_UNDECIDED');
  const lee = await tenant.scim('POST', '/Users', { userName: 'lee', displayName: 'Lee' });
  assert.equal(await parkedBecause(tenant, lee), 'TARGET_MATCH_UNDECIDED');
  for (const answer of [kim, lee]) {
    assert.equal((await decide(tenant, String(answer.body['id']), { kind: 'create' })).status, 202);
    await settled(tenant, answer);
  }
  assert.equal(await title(namesake), 'Theirs');
  assert.deepEqual((await sandbox.accounts('')).map(({ userName }) => userName).sort(), ['kim', 'lee', 'namesake']);
});

test('a link is forgotten without touching the account, and pointed to another one', async () => {
  const tenant = await tenantWith({});
  const created = await tenant.scim('POST', '/Users', { userName: 'moved', title: 'One' });
  await settled(tenant, created);
  const id = String(created.body['id']);
  const other = await there({ userName: 'elsewhere', title: 'Theirs' });
  const carriedOut = async (answer: Answer) => inState(tenant, String(answer.body['change']), 'settled');

  const body = { resourceId: id, decision: { kind: 'unlink' }, comment: 'wrong account' };
  await carriedOut(await tenant.admin('POST', `${targetPath(tenant)}/account-decisions`, body));
  assert.equal((await sandbox.accounts('moved')).length, 1);
  await directly(
    'PATCH',
    `/Users/${(await sandbox.accounts('moved'))[0]?.id}`,
    patchOf({ op: 'replace', path: 'userName', value: 'left' }),
  );
  await carriedOut(await decide(tenant, id, { kind: 'link', remoteId: other }));
  assert.deepEqual((await sandbox.accounts('')).map(({ userName }) => userName).sort(), ['left', 'moved']);
  assert.equal(await title(other), 'One');

  const stranger = await tenant.scim('POST', '/Users', { userName: 'stranger' });
  await settled(tenant, stranger);
  const taken = await decide(tenant, String(stranger.body['id']), { kind: 'link', remoteId: other });
  const { waits } = await inState(tenant, String(taken.body['change']), 'parked');
  assert.equal((waits as { code: string }[])[0]?.code, 'TARGET_MATCH_UNDECIDED');
  const audit = await tenant.admin('GET', `/resources/${id}/audit`);
  assert.match(audit.text, /account-decided/);
  assert.match(audit.text, /wrong account/);
});

test('one resource is brought to one target on demand, with each step explained', async () => {
  const tenant = await tenantWith({});
  const created = await tenant.scim('POST', '/Users', { userName: 'asked', title: 'Clerk' });
  await settled(tenant, created);
  const [held] = await sandbox.accounts('asked');
  await directly('PATCH', `/Users/${held?.id}`, replacing('title', 'Emperor'));
  const now = () => tenant.admin('POST', `${targetPath(tenant)}/provision`, { resourceId: created.body['id'] });
  const answer = await now();
  assert.equal(answer.status, 200, answer.text);
  const steps = answer.body['steps'] as { step: string; ok: boolean; words: string }[];
  assert.deepEqual(
    steps.map(({ step, ok }) => [step, ok]),
    [
      ['imported', true],
      ['in scope', true],
      ['matched', true],
      ['projected', true],
      ['compared', true],
      ['sent', true],
      ['confirmed', true],
    ],
  );
  assert.equal(await title(held?.id ?? ''), 'Clerk');
  sandbox.fail(({ method }) =>
    method === 'GET' ? { kind: 'answer', status: 403, body: { detail: 'not you' } } : undefined,
  );
  const failed = (await now()).body['steps'] as { step: string; ok: boolean }[];
  assert.deepEqual(failed.at(-1)?.ok, false);
});

test('of two that match one account at the same moment one gets it, and the other waits for a person', async () => {
  const tenant = await tenantWith({ matching: { rules: [{ attributes: ['nickName'] }] }, concurrency: 20 });
  const account = await there({ userName: 'shared', nickName: 'Twin' });
  const twins = await Promise.all(
    Array.from({ length: 6 }, (_, index) =>
      tenant.scim('POST', '/Users', { userName: `twin-${index}`, nickName: 'Twin' }),
    ),
  );
  const ended = await Promise.all(
    twins.map((twin) =>
      until(
        'settled or parked',
        async () => (await tenant.admin('GET', `/changes/${twin.headers.get('provost-change')}`)).body,
        ({ state }) => state === 'settled' || state === 'parked',
      ),
    ),
  );
  const winners = ended.filter(({ state }) => state === 'settled');
  assert.equal(winners.length, 1);
  for (const { state, waits } of ended)
    if (state === 'parked') assert.equal((waits as { code: string }[])[0]?.code, 'TARGET_MATCH_UNDECIDED');
  const { body } = await directly('GET', `/Users/${account}`);
  const winner = twins.find((twin) => twin.body['id'] === winners[0]?.['resource']);
  assert.equal(body['userName'], winner?.body['userName'], 'nobody else wrote into it');
});
