import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { until } from '../until.ts';
import { approvers, ask, asked, decide, newPerson, type Person, titles } from './approvers.ts';
import { startInstallation, type TestInstallation } from './installation.ts';
import { decoded, linkIn, startMailbox } from './mailbox.ts';
import { inState, newTenant, patchOf, replacing, settled, type TestTenant } from './tenant.ts';

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

/** A user who can sign in, and has an address. */
async function mailed(tenant: TestTenant, userName: string): Promise<Person & { readonly mail: string }> {
  const person = await newPerson(provost.url, tenant, userName);
  const mail = `${userName}@${tenant.id}.example`;
  const value = [{ value: mail, primary: true }];
  const patched = await tenant.scim('PATCH', `/Users/${person.id}`, patchOf({ op: 'add', path: 'emails', value }));
  assert.equal(patched.status, 200, patched.text);
  return { ...person, mail };
}

/** The link as the API answers it here: mails have the address that clients know, which is not this port. */
const here = (link: string): string => `${provost.url}${new URL(link).pathname}${new URL(link).search}`;
const openLink = async (link: string) => {
  const answer = await fetch(here(link));
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
};
const submitLink = async (link: string, fields: Readonly<Record<string, string>>) => {
  const token = new URL(link).searchParams.get('token') ?? '';
  const answer = await fetch(`${provost.url}/approvals/decide`, {
    method: 'POST',
    body: new URLSearchParams({ token, ...fields }),
  });
  return { status: answer.status, text: await answer.text() };
};
/** Mails that ask about one subject: those of the probes beside. */
const mailsAbout = (mail: string, value: string) => mailbox.to(mail).filter(({ text }) => text.includes(value));

test('who is asked gets a mail with old and new values, and its link decides once', async () => {
  const tenant = await newTenant(provost.url);
  const [boss, subject] = [await mailed(tenant, 'boss'), await newPerson(provost.url, tenant, 'subject')];
  await ask(tenant, ...titles([{ approvers: approvers(boss) }]));
  const path = `/Users/${subject.id}`;
  const changed = await tenant.scim('PATCH', path, replacing('title', '<b>Chief</b> & more'));
  assert.equal(changed.status, 202, changed.text);
  const [mail] = await until(
    'the mail',
    () => mailsAbout(boss.mail, 'title: (none) -> <b>Chief</b> & more'),
    (mails) => mails.length > 0,
  );
  assert.ok(mail);
  assert.match(mail.text, /&#60;b&#62;Chief/, 'values are text in its HTML');
  assert.match(mail.text, /^Client asks to change the user subject/m);
  const link = linkIn(mail);

  const page = await openLink(link);
  assert.equal(page.status, 200, page.text);
  assert.match(page.text, /&#60;b&#62;Chief&#60;\/b&#62; &#38; more/);
  assert.match(page.headers.get('content-security-policy') ?? '', /default-src 'none'/);
  assert.equal(page.headers.get('referrer-policy'), 'no-referrer');
  assert.equal(page.headers.get('cache-control'), 'no-store');
  assert.equal((await tenant.admin('GET', `/approvals/${asked(changed)}`)).body['state'], 'waiting', 'looking is free');

  const approved = await submitLink(link, { verdict: 'approve', comment: 'by mail' });
  assert.deepEqual([approved.status, /Approved/.test(approved.text)], [200, true], approved.text);
  await settled(tenant, changed);
  const { body } = await tenant.admin('GET', `/approvals/${asked(changed)}`);
  const [decision] = body['decisions'] as Record<string, unknown>[];
  assert.deepEqual([decision?.['by'], decision?.['comment']], [`user:${boss.id}`, 'by mail']);
  const told = (body['notices'] as Record<string, unknown>[]).map(({ channel, state }) => `${channel} ${state}`);
  assert.deepEqual(told, ['mail sent']);
  for (const answer of [await openLink(link), await submitLink(link, { verdict: 'refuse' })]) {
    assert.equal(answer.status, 410);
    assert.match(answer.text, /decided this already|decided meanwhile/);
  }
});

test('an address that is a list of addresses gets no mail, and neither does anybody in it', async () => {
  const tenant = await newTenant(provost.url);
  const [boss, subject] = [
    await newPerson(provost.url, tenant, 'boss'),
    await newPerson(provost.url, tenant, 'subject'),
  ];
  const addresses = [`one@${tenant.id}.example`, `two@${tenant.id}.example`];
  const value = [{ value: addresses.join(', '), primary: true }];
  await tenant.scim('PATCH', `/Users/${boss.id}`, patchOf({ op: 'add', path: 'emails', value }));
  await ask(tenant, ...titles([{ approvers: approvers(boss) }]));
  const changed = await tenant.scim('PATCH', `/Users/${subject.id}`, replacing('title', 'Chief'));
  const [notice] = await until(
    'the notice dropped',
    async () => {
      const { body } = await tenant.admin('GET', `/approvals/${asked(changed)}`);
      return body['notices'] as { state: string; because?: string }[];
    },
    (notices) => notices[0]?.state === 'dropped',
  );
  assert.equal(notice?.because, 'The e-mail address of the user is not one address.');
  for (const address of addresses) assert.deepEqual(mailbox.to(address), []);
});

test('who has not decided is reminded by mail until the stage passes; who has, is not', async () => {
  const tenant = await newTenant(provost.url);
  const [quick, slow] = [await mailed(tenant, 'quick'), await mailed(tenant, 'slow')];
  const subject = await newPerson(provost.url, tenant, 'subject');
  await ask(
    tenant,
    ...titles([{ approvers: approvers(quick, slow), needs: 2, remindEveryMs: 2_000, expiresAfterMs: 120_000 }]),
  );
  const changed = await tenant.scim('PATCH', `/Users/${subject.id}`, replacing('title', 'Overdue'));
  assert.equal(changed.status, 202, changed.text);
  assert.equal((await decide(quick, asked(changed), 'approve')).status, 200);
  const reminders = (mail: string) =>
    mailsAbout(mail, 'Overdue').filter(({ text }) => /your decision is still wanted/.test(text));
  const mails = await until(
    'two reminders',
    () => reminders(slow.mail),
    (found) => found.length >= 2,
  );
  assert.match(mails[0]?.text ?? '', /^Subject: Reminder: approval wanted/m);
  assert.deepEqual(reminders(quick.mail), []);
  assert.equal((await submitLink(linkIn(mails[1] ?? { text: '' }), { verdict: 'approve' })).status, 200);
  const trail = (await settled(tenant, changed))['timeline'] as Record<string, unknown>[];
  assert.ok(trail.filter(({ event }) => event === 'approval-reminded').length >= 2);
});

test('a link that was altered, or is of another purpose, decides nothing and tells nothing', async () => {
  const tenant = await newTenant(provost.url);
  const [boss, subject] = [await mailed(tenant, 'boss'), await newPerson(provost.url, tenant, 'subject')];
  await ask(tenant, ...titles([{ approvers: approvers(boss) }]));
  const changed = await tenant.scim('PATCH', `/Users/${subject.id}`, replacing('title', 'Untouched'));
  const [mail] = await until(
    'the mail',
    () => mailsAbout(boss.mail, 'Untouched'),
    (mails) => mails.length > 0,
  );
  const link = linkIn(mail ?? { text: '' });
  const [head = '', payload = '', signature = ''] = (new URL(link).searchParams.get('token') ?? '').split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
  const forged = Buffer.from(JSON.stringify({ ...claims, sub: `user:${subject.id}` })).toString('base64url');
  const none = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');
  for (const token of [
    '',
    'x',
    `${head}.${forged}.${signature}`,
    `${none}.${payload}.`,
    `${head}.${payload}.${'A'.repeat(43)}`,
  ]) {
    const base = new URL(link);
    base.searchParams.set('token', token);
    assert.equal((await openLink(base.href)).status, 410, token);
    assert.equal((await submitLink(base.href, { verdict: 'approve' })).status, 410, token);
  }
  assert.equal((await submitLink(link, { verdict: 'maybe' })).status, 400);
  assert.equal((await tenant.admin('GET', `/approvals/${asked(changed)}`)).body['state'], 'waiting');
  assert.equal((await submitLink(link, { verdict: 'refuse' })).status, 200);
  await inState(tenant, asked(changed), 'rejected');
});

test('a mail server that is away keeps nobody waiting, and gets the mail when it is back; a delegate gets one too', async () => {
  const tenant = await newTenant(provost.url);
  const [boss, deputy] = [await mailed(tenant, 'boss'), await mailed(tenant, 'deputy')];
  const subject = await newPerson(provost.url, tenant, 'subject');
  const body = { delegate: deputy.id, until: new Date(Date.now() + 3_600_000).toISOString() };
  assert.equal((await boss.admin('PUT', '/approvals/delegation', body)).status, 200);
  await ask(tenant, ...titles([{ approvers: approvers(boss) }]));
  mailbox.setAway(true);
  const changed = await tenant.scim('PATCH', `/Users/${subject.id}`, replacing('title', 'Patient'));
  assert.equal(changed.status, 202, changed.text);
  const noticesOf = async () =>
    (await tenant.admin('GET', `/approvals/${asked(changed)}`)).body['notices'] as Record<string, unknown>[];
  await until('the failure shown', noticesOf, (notices) =>
    notices.some(({ because }) => /did not take it/.test(String(because))),
  );
  mailbox.setAway(false);
  const [mail] = await until(
    "the delegate's mail",
    () => mailsAbout(deputy.mail, 'Patient'),
    (mails) => mails.length > 0,
  );
  assert.match(mail?.text ?? '', /in the place of boss/);
  await until(
    'both mails',
    () => mailsAbout(boss.mail, 'Patient'),
    (mails) => mails.length === 1,
  );
  assert.equal((await submitLink(linkIn(mail ?? { text: '' }), { verdict: 'approve' })).status, 200);
  await settled(tenant, changed);
  const { body: approval } = await tenant.admin('GET', `/approvals/${asked(changed)}`);
  const [decision] = approval['decisions'] as Record<string, unknown>[];
  assert.deepEqual([decision?.['by'], decision?.['delegate']], [`user:${boss.id}`, `user:${deputy.id}`]);
});

test('a webhook is told what happens, signed, again until it takes it, and of no values unless it shall be', async () => {
  const hook = await startHook();
  try {
    const tenant = await newTenant(provost.url);
    const [boss, subject] = [
      await newPerson(provost.url, tenant, 'boss'),
      await newPerson(provost.url, tenant, 'subject'),
    ];
    const plain = await tenant.admin('POST', '/approval-webhooks', { url: `${hook.url}/plain` });
    const values = { url: `${hook.url}/values`, values: true, events: ['approval-granted'] };
    const whole = await tenant.admin('POST', '/approval-webhooks', values);
    assert.deepEqual([plain.status, whole.status], [201, 201], plain.text);
    assert.doesNotMatch((await tenant.admin('GET', '/approval-webhooks')).text, /whsec_/);
    await ask(tenant, ...titles([{ approvers: approvers(boss) }]));
    const changed = await tenant.scim('PATCH', `/Users/${subject.id}`, replacing('title', 'Hooked'));
    assert.equal((await decide(boss, asked(changed), 'approve')).status, 200);
    const mine = (): Delivery[] => hook.received.filter(({ body }) => body.data['approval'] === asked(changed));
    await until(
      'all told',
      () =>
        mine()
          .filter(({ answered }) => answered === 200)
          .map(({ path, body }) => `${path} ${body.type}`)
          .sort(),
      (told) => told.length >= 4,
    );
    const taken = mine().filter(({ answered }) => answered === 200);
    assert.deepEqual(taken.map(({ path, body }) => `${path} ${body.type}`).sort(), [
      '/plain approval-asked',
      '/plain approval-decided',
      '/plain approval-granted',
      '/values approval-granted',
    ]);
    const [refused] = mine().filter(({ answered }) => answered === 500);
    const again = taken.find(({ headers }) => headers['webhook-id'] === refused?.headers['webhook-id']);
    assert.ok(again, 'what was refused came again, under the same id');
    for (const { path, headers, text } of taken) {
      const secret = String((path === '/plain' ? plain : whole).body['secret']).replace('whsec_', '');
      const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${text}`;
      const expected = createHmac('sha256', Buffer.from(secret, 'base64')).update(signed).digest('base64');
      assert.equal(headers['webhook-signature'], `v1,${expected}`);
      assert.equal(text.includes('Hooked'), path === '/values');
    }
    const id = String(plain.body['id']);
    assert.equal((await tenant.admin('DELETE', `/approval-webhooks/${id}`)).status, 204);
    assert.equal((await tenant.admin('DELETE', `/approval-webhooks/${id}`)).status, 404);
    assert.equal((await tenant.admin('POST', '/approval-webhooks', { url: 'ftp://x' })).status, 400);
  } finally {
    await hook.stop();
  }
});

test('a secret is replaced without a gap: what is sent is signed with both until the old one is good no more', async () => {
  const hook = await startHook();
  try {
    const tenant = await newTenant(provost.url);
    const [boss, subject] = [
      await newPerson(provost.url, tenant, 'boss'),
      await newPerson(provost.url, tenant, 'subject'),
    ];
    const made = await tenant.admin('POST', '/approval-webhooks', { url: hook.url, events: ['approval-asked'] });
    await ask(tenant, ...titles([{ approvers: approvers(boss) }]));
    const replace = (body: object) => tenant.admin('POST', `/approval-webhooks/${made.body['id']}/secret`, body);
    const signedWith = async (...secrets: readonly unknown[]): Promise<void> => {
      const changed = await tenant.scim('PATCH', `/Users/${subject.id}`, replacing('title', `T${secrets.length}`));
      const taken = await until('the delivery', () =>
        hook.received.find(({ answered, body }) => answered === 200 && body.data['approval'] === asked(changed)),
      );
      const { headers, text } = taken ?? assert.fail();
      const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${text}`;
      const signatures = secrets.map((secret) => {
        const key = Buffer.from(String(secret).replace('whsec_', ''), 'base64');
        return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
      });
      assert.equal(headers['webhook-signature'], signatures.join(' '));
      await decide(boss, asked(changed), 'refuse');
      await inState(tenant, asked(changed), 'rejected');
    };
    const second = await replace({});
    assert.equal(second.status, 200, second.text);
    await signedWith(second.body['secret'], made.body['secret']);
    const third = await replace({ keepOldForMs: 0 });
    await signedWith(third.body['secret']);
    assert.equal((await tenant.admin('POST', '/approval-webhooks/nobody/secret', {})).status, 404);
  } finally {
    await hook.stop();
  }
});

test('without a mail server each mail is a file that its owner alone may read', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'provost-mail-'));
  const other = await startInstallation({ env: { PROVOST_MAIL_FOLDER: join(folder, 'mail') } });
  try {
    const tenant = await newTenant(other.url);
    const boss = await newPerson(other.url, tenant, 'boss');
    const value = [{ value: 'boss@example.com', primary: true }];
    await tenant.scim('PATCH', `/Users/${boss.id}`, patchOf({ op: 'add', path: 'emails', value }));
    await ask(tenant, ...titles([{ approvers: approvers(boss) }]));
    const files = await until(
      'a mail',
      () => readdir(join(folder, 'mail')).catch(() => []),
      (found) => found.some((name) => name.endsWith('.eml')),
    );
    const file = join(folder, 'mail', files.find((name) => name.endsWith('.eml')) ?? '');
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    const text = decoded(await readFile(file, 'utf8'));
    assert.match(text, /^To: boss <boss@example\.com>$/m);
    assert.notEqual(linkIn({ text }), '');
  } finally {
    await other.stop();
    await rm(folder, { recursive: true, force: true });
  }
});

interface Delivery {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: { readonly type: string; readonly data: Readonly<Record<string, unknown>> };
  readonly answered: number;
}

/** Takes what it is sent, but nothing at its first time. */
async function startHook() {
  const received: Delivery[] = [];
  const seen = new Set<unknown>();
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const id = request.headers['webhook-id'];
      const answered = seen.has(id) ? 200 : 500;
      seen.add(id);
      const body = JSON.parse(text) as Delivery['body'];
      received.push({ path: request.url ?? '', headers: request.headers, text, body, answered });
      response.statusCode = answered;
      response.end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    stop: () =>
      new Promise<void>((stopped) => {
        server.closeAllConnections();
        server.close(() => stopped());
      }),
  };
}
