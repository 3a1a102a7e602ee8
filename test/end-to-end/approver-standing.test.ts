import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { soapClient } from '../api/soap/soap-client.ts';
import { until } from '../until.ts';
import { approvers, ask, asked, decide, newPerson, type Person, titles } from './approvers.ts';
import { startInstallation, type TestInstallation } from './installation.ts';
import { linkIn, startMailbox } from './mailbox.ts';
import { basicAuthorization, newTenant, patchOf, replacing, sender, settled, type TestTenant } from './tenant.ts';

let mailbox: Awaited<ReturnType<typeof startMailbox>>;
let provost: TestInstallation;

before(async () => {
  mailbox = await startMailbox();
  provost = await startInstallation({ env: { PROVOST_MAIL_URL: mailbox.url } });
});
after(async () => {
  await provost.stop();
  await mailbox.stop();
});

interface Approver extends Person {
  readonly mail: string;
  /** The same person by a credential and by an access token that were made for them. */
  readonly others: readonly Person[];
}

/** A person who is asked by mail, and may decide by their password, by a credential of theirs, and by a token. */
async function approver(tenant: TestTenant, userName: string): Promise<Approver> {
  const person = await newPerson(provost.url, tenant, userName);
  const mail = `${userName}@${tenant.id}.example`;
  const value = [{ value: mail, primary: true }];
  const patched = await tenant.scim('PATCH', `/Users/${person.id}`, patchOf({ op: 'add', path: 'emails', value }));
  assert.equal(patched.status, 200, patched.text);
  const authorizations = [];
  for (const kind of ['basic', 'token']) {
    const wanted = { kind, scopes: [], roles: [], user: person.id };
    const made = await tenant.admin('POST', `/service-providers/${tenant.serviceProvider}/credentials`, wanted);
    assert.equal(made.status, 201, made.text);
    const [id, secret] = [String(made.body['id']), String(made.body['secret'])];
    authorizations.push(kind === 'basic' ? basicAuthorization(id, secret) : `Bearer ${secret}`);
  }
  const others = authorizations.map((authorization) => ({
    id: person.id,
    admin: sender(`${provost.url}/admin/v1`, { authorization }),
  }));
  return { ...person, mail, others };
}

async function linkTo({ mail }: Approver, about: string): Promise<URL> {
  const [found] = await until(
    `the mail to ${mail}`,
    () => mailbox.to(mail).filter(({ text }) => text.includes(about)),
    (mails) => mails.length > 0,
  );
  const { pathname, search } = new URL(linkIn(found ?? { text: '' }));
  return new URL(pathname + search, provost.url);
}

const submit = (link: URL, verdict: 'approve' | 'refuse') =>
  fetch(new URL('/approvals/decide', link), {
    method: 'POST',
    body: new URLSearchParams({ token: link.searchParams.get('token') ?? '', verdict }),
  });

test('who is deactivated, locked or deleted decides no more: by no link, password, credential or token', async () => {
  const tenant = await newTenant(provost.url);
  const [left, locked, deleted, boss] = [
    await approver(tenant, 'left'),
    await approver(tenant, 'locked'),
    await approver(tenant, 'deleted'),
    await approver(tenant, 'boss'),
  ];
  const subject = await newPerson(provost.url, tenant, 'subject');
  await ask(tenant, ...titles([{ approvers: approvers(left, locked, deleted, boss) }]));
  const changed = await tenant.scim('PATCH', `/Users/${subject.id}`, replacing('title', 'Contested'));
  assert.equal(changed.status, 202, changed.text);
  const ended = [left, locked, deleted];
  const links = await Promise.all(ended.map((person) => linkTo(person, 'Contested')));
  for (const link of links) assert.equal((await fetch(link)).status, 200, 'they may look while their accounts stand');
  for (const { others } of ended)
    for (const other of others) assert.equal((await other.admin('GET', '/approvals')).status, 200);

  const soap = soapClient(provost.url, tenant.authorization);
  const lock = (claimValue: string) => {
    const claimURI = 'http://wso2.org/claims/identity/accountLocked';
    return soap('setUserClaimValue', { userName: 'locked', claimURI, claimValue });
  };
  assert.equal((await tenant.scim('PATCH', `/Users/${left.id}`, replacing('active', false))).status, 200);
  assert.equal((await lock('true')).status, 202);
  assert.equal((await tenant.scim('DELETE', `/Users/${deleted.id}`)).status, 204);

  for (const [index, link] of links.entries()) {
    const page = await fetch(link);
    const text = await page.text();
    assert.equal(page.status, 403, text);
    assert.match(text, /disabled, locked or deleted/);
    assert.ok(!text.includes('Contested'), 'and nothing is shown of what was asked');
    for (const verdict of ['approve', 'refuse'] as const)
      assert.equal((await submit(link, verdict)).status, 403, `${verdict} by the link of ${ended[index]?.mail}`);
  }
  for (const person of ended) {
    assert.ok(
      [401, 403].includes((await decide(person, asked(changed), 'approve')).status),
      `${person.mail} by password`,
    );
    for (const other of person.others)
      assert.equal((await decide(other, asked(changed), 'approve')).status, 403, `${person.mail} by a credential`);
  }
  const { body } = await tenant.admin('GET', `/approvals/${asked(changed)}`);
  assert.deepEqual([body['state'], body['decisions']], ['waiting', []]);

  assert.equal((await lock('false')).status, 202);
  const [, again] = links;
  assert.ok(again !== undefined);
  assert.equal((await submit(again, 'approve')).status, 200, 'whose account is unlocked decides again');
  await settled(tenant, changed);
});
