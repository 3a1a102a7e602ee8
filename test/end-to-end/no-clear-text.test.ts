import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { asResourceId, asTenantId, resourceWorkflowId } from '../../domain/ids.ts';
import { until } from '../until.ts';
import { startInstallation, type TestInstallation } from './installation.ts';
import { type FaultySandbox, refusal, startFaultySandbox } from './sandbox.ts';
import { inState, newTenant, replacing, settled, type TestTenant } from './tenant.ts';

/** Nobody else is called so: wherever one of these turns up, it came from this user. */
const SECRETS = {
  userName: 'zwetschgenmus.quargelfein',
  given: 'Zwetschgenmus',
  family: 'Quargelfein',
  mail: 'zq.private@quargelfein.example',
  phone: '+43-316-99887766',
  password: 'Heidelbeer!Strudel#42',
  title: 'Oberquargelverkosterin',
};
const CODEC_TOKEN = 'the-token-of-the-codec-endpoint';
const TARGET_TOKEN = 'sandbox';

let provost: TestInstallation;
let sandbox: FaultySandbox;
let tenant: TestTenant;
let user: string;
const lines: string[] = [];

before(async () => {
  [provost, sandbox] = await Promise.all([
    startInstallation({ env: { PROVOST_CODEC_TOKEN: CODEC_TOKEN }, onLog: (line) => lines.push(line) }),
    startFaultySandbox(),
  ]);
  tenant = await newTenant(provost.url, { targets: [sandbox.wish] });
  await livePerson();
});
after(async () => {
  await provost.stop();
  await sandbox.stop();
});

/** A user whose target fails in every way and repeats, in its errors, what it was sent. */
async function livePerson(): Promise<void> {
  // The create is refused once and then taken; the update is refused for good.
  let posted = 0;
  sandbox.fail(({ method, body, path }) => {
    if (method === 'POST') posted += 1;
    const isTaken = method === 'GET' || (method === 'POST' && posted > 1);
    return isTaken ? undefined : refusal(method === 'POST' ? 500 : 400, `cannot take ${body} at ${path}`);
  });
  const created = await tenant.scim('POST', '/Users', {
    userName: SECRETS.userName,
    name: { givenName: SECRETS.given, familyName: SECRETS.family },
    emails: [{ value: SECRETS.mail, primary: true }],
    phoneNumbers: [{ value: SECRETS.phone }],
    password: SECRETS.password,
  });
  assert.equal(created.status, 201, created.text);
  user = String(created.body['id']);
  await settled(tenant, created);
  const patched = await tenant.scim('PATCH', `/Users/${user}`, replacing('title', SECRETS.title));
  await inState(tenant, String(patched.headers.get('provost-change')), 'parked');
  // Refusals of ours name what they refuse.
  assert.equal((await tenant.scim('POST', '/Users', { userName: SECRETS.userName })).status, 409);
  await tenant.scim('POST', '/Users', { userName: SECRETS.family, emails: SECRETS.mail, password: 7 });
  await tenant.scim('GET', `/Users?filter=${encodeURIComponent(`userName eq "${SECRETS.userName}"`)}`);
  await tenant.scim('GET', `/Users?filter=${encodeURIComponent(`userName eq "${SECRETS.userName}`)}`);
  await tenant.scim('PATCH', `/Users/${user}`, replacing('active', SECRETS.title));
}

/** The strings themselves and how they look inside other encodings. */
const traces = [...Object.values(SECRETS)].flatMap((text) => [
  text,
  encodeURIComponent(text),
  Buffer.from(text).toString('hex'),
  // Without its ends, which depend on what stands around it.
  Buffer.from(text).toString('base64').slice(0, 12),
  Buffer.from(text).toString('base64url').slice(0, 12),
]);

function holdsNothing(what: string, text: string): void {
  const lower = text.toLowerCase();
  for (const trace of traces) {
    const at = lower.indexOf(trace.toLowerCase());
    assert.ok(at === -1, `${what} holds "${trace}": …${text.slice(Math.max(0, at - 80), at + 80)}…`);
  }
}

/** Every string, and every run of bytes as text, that is in the value. */
function textIn(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (Array.isArray(value)) return value.map(textIn).join('\n');
  if (typeof value === 'object' && value !== null)
    return Object.entries(value)
      .map(([name, inner]) => `${name}\n${textIn(inner)}`)
      .join('\n');
  return String(value);
}

const workflowId = (): string => resourceWorkflowId('User', asTenantId(tenant.id), asResourceId(user));

test('no event of the raw history, and nothing that is listed with it, shows who the user is', async () => {
  const handle = provost.rawTemporal.workflow.getHandle(workflowId());
  const { events = [] } = await handle.fetchHistory();
  assert.ok((events?.length ?? 0) > 10);
  const failures = textIn(events);
  assert.match(failures, /TARGET_REJECTED/, 'the failure itself is there');
  for (const event of events ?? []) holdsNothing(`event ${event.eventId}`, textIn(event));
  const description = await handle.describe();
  holdsNothing('the description', textIn(description.raw));
  assert.ok(!failures.includes(TARGET_TOKEN), 'nor does the token of the target');
});

test('no line of the log shows who the user is', () => {
  assert.ok(lines.length > 20, `${lines.length} lines`);
  assert.ok(
    lines.some((line) => line.includes('"msg":"request"')),
    `requests are logged: ${lines.slice(-3).join('')}`,
  );
  holdsNothing('the log', lines.join('\n'));
  assert.ok(!lines.join('\n').includes(tenant.credential.secret));
});

test('no record but the resource itself shows who the user is', async () => {
  const collections = await provost.mongo.db?.listCollections().toArray();
  const names = (collections ?? []).map(({ name }) => name).filter((name) => name !== 'resources');
  assert.ok(names.includes('changes') && names.includes('links') && names.includes('audit'), names.join());
  for (const name of names) {
    const documents = await provost.mongo.collection(name).find({}).toArray();
    if (name === 'changes' || name === 'links') assert.ok(documents.length > 0, `${name} is empty`);
    for (const document of documents) holdsNothing(`${name} ${document._id}`, textIn(document));
  }
});

test('the password is nowhere, not even with the user', async () => {
  const documents = await provost.mongo.collection('resources').find({ tenant: tenant.id }).toArray();
  const text = textIn(documents);
  assert.ok(text.includes(SECRETS.given), 'resources are in clear, for queries');
  assert.ok(!text.includes(SECRETS.password));
  assert.match(text, /\$argon2id\$/);
  for (const { body, path } of sandbox.received) assert.ok(!`${body}${path}`.includes(SECRETS.password));
  assert.ok(!(await tenant.scim('GET', `/Users/${user}?attributes=password`)).text.includes('argon2id'));
});

test("what the administration API tells of a failure has the target's words without the user's values", async () => {
  const seen = await until(
    'attention',
    () => tenant.admin('GET', '/attention'),
    ({ text }) => text.includes('cannot take'),
  );
  holdsNothing('what waits', seen.text);
  holdsNothing('the audit trail', (await tenant.admin('GET', '/audit')).text);
});

test('the codec endpoint opens a payload for its token and for nothing else', async () => {
  const { events = [] } = await provost.rawTemporal.workflow.getHandle(workflowId()).fetchHistory();
  const payload = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0];
  const base64 = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString('base64');
  const sealed = {
    metadata: Object.fromEntries(Object.entries(payload?.metadata ?? {}).map(([name, value]) => [name, base64(value)])),
    data: base64(payload?.data),
  };
  const decode = (path: string, headers: Readonly<Record<string, string>>): Promise<Response> =>
    fetch(`${provost.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ payloads: [sealed] }),
    });
  for (const headers of [{}, { authorization: 'Bearer wrong' }, { authorization: tenant.authorization }])
    assert.equal((await decode('/codec/decode', headers)).status, 401);
  assert.equal((await decode('/codec/wrong/decode', {})).status, 401);
  const opened = await decode('/codec/decode', { authorization: `Bearer ${CODEC_TOKEN}` });
  assert.equal(opened.status, 200);
  const { payloads } = (await opened.json()) as { payloads: { data: string }[] };
  const input = JSON.parse(Buffer.from(payloads[0]?.data ?? '', 'base64').toString()) as { resourceId: string };
  assert.equal(input.resourceId, user);
  assert.equal((await decode(`/codec/${CODEC_TOKEN}/decode`, {})).status, 200);
});
