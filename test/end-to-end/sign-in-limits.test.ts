import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startInstallation, type TestInstallation } from './installation.ts';
import { basicAuthorization, newTenant, sender, type TestTenant } from './tenant.ts';

let provost: TestInstallation;
let tenant: TestTenant;
const lines: string[] = [];

before(async () => {
  provost = await startInstallation({ env: { PROVOST_TRUST_PROXY: '1' }, onLog: (line) => lines.push(line) });
  tenant = await newTenant(provost.url, {});
});
after(() => provost.stop());

/** Behind the proxy, callers have addresses of their own. */
const from = (address: string, authorization?: string) =>
  sender(`${provost.url}/scim/v2`, {
    'x-forwarded-for': address,
    ...(authorization === undefined ? {} : { authorization }),
  });

test('guessing a user’s password ends after five wrong ones, and the user gets in from elsewhere', async () => {
  const created = await tenant.scim('POST', '/Users', { userName: 'guessed', password: 'the-right-1' });
  assert.equal(created.status, 201, created.text);
  const me = async (address: string, password: string) =>
    (await from(address, basicAuthorization(`guessed@${tenant.id}`, password))('GET', '/Me')).status;
  const guesses: number[] = [];
  for (let guess = 1; guess <= 7; guess += 1) guesses.push(await me('192.0.2.1', `wrong-${guess}`));
  assert.deepEqual(guesses, [401, 401, 401, 401, 401, 429, 429]);
  assert.equal(await me('192.0.2.1', 'the-right-1'), 429, 'the guesser does not learn that it is right');
  assert.equal(await me('192.0.2.2', 'the-right-1'), 200);
  const told = lines.filter((line) => line.includes('slowed down'));
  assert.equal(told.length, 1, 'the log tells it once');
  assert.ok(!told.join().includes('guessed'), 'without the name');
});

test('hundreds of wrong passwords at once are refused, and clients that are known keep working', async () => {
  const { scim, credential } = tenant;
  assert.equal(
    (await from('198.51.100.1', basicAuthorization(credential.id, credential.secret))('GET', '/Users')).status,
    200,
  );
  const flood = Array.from({ length: 300 }, (_, index) =>
    from('192.0.2.50', basicAuthorization(`name-${index}`, 'x'))('GET', '/ServiceProviderConfig'),
  );
  const [known, ...flooded] = await Promise.all([scim('GET', '/Users'), ...flood]);
  assert.equal(known?.status, 200);
  const checked = flooded.filter(({ status }) => status === 200).length;
  assert.ok(checked < 60, `${checked} of 300 were checked`);
  assert.ok(flooded.every(({ status }) => status === 200 || status === 429));
});

test('the token endpoint, opaque tokens, SOAP and the links of mails are limited like passwords', async () => {
  const attempts: Record<string, (address: string) => Promise<number>> = {
    client: async (address) =>
      (
        await fetch(`${provost.url}/oauth2/token`, {
          method: 'POST',
          headers: { 'x-forwarded-for': address, authorization: basicAuthorization('some-client', 'wrong') },
          body: new URLSearchParams({ grant_type: 'client_credentials' }),
        })
      ).status,
    token: async (address) => (await from(address, 'Bearer some-token.wrong')('GET', '/Users')).status,
    link: async (address) =>
      (await fetch(`${provost.url}/approvals/decide?token=wrong`, { headers: { 'x-forwarded-for': address } })).status,
  };
  for (const [index, [kind, attempt]] of Object.entries(attempts).entries()) {
    const statuses: number[] = [];
    for (let guess = 0; guess < 21; guess += 1) statuses.push(await attempt(`203.0.113.${index}`));
    assert.notEqual(statuses[0], 429, kind);
    assert.equal(statuses.at(-1), 429, kind);
  }
});

test('SOAP does not tell any more whether a guess is right after five wrong ones', async () => {
  const authenticate = async (password: string): Promise<string> => {
    const answer = await fetch(`${provost.url}/services/RemoteUserStoreManagerService`, {
      method: 'POST',
      headers: {
        'content-type': 'text/xml',
        authorization: basicAuthorization(tenant.credential.id, tenant.credential.secret),
      },
      body: `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><a:authenticate xmlns:a="http://service.ws.um.carbon.wso2.org"><a:userName>by-soap</a:userName><a:credential>${password}</a:credential></a:authenticate></s:Body></s:Envelope>`,
    });
    return /<(?:\w+:)?return[^>]*>(\w+)</.exec(await answer.text())?.[1] ?? String(answer.status);
  };
  await tenant.scim('POST', '/Users', { userName: 'by-soap', password: 'the-right-1' });
  assert.equal(await authenticate('the-right-1'), 'true');
  for (let guess = 0; guess < 5; guess += 1) assert.equal(await authenticate('wrong'), 'false');
  assert.notEqual(await authenticate('the-right-1'), 'true');
});
