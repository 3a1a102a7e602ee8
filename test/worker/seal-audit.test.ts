import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { AllowedAddresses } from '../../connectors/http/internal-addresses.ts';
import { parseAllowedNetwork } from '../../platform/network.ts';
import type { AuditSeal } from '../../stores/audit/seals.ts';
import { createLeaseStore } from '../../stores/leases.ts';
import { sealAudit } from '../../worker/seal-audit.ts';
import { createWebhookPost } from '../../worker/webhook-post.ts';
import { ACME, fact, GLOBEX, openFreshTrail, user } from '../stores/audit/fresh-trail.ts';
import { until } from '../until.ts';

/** An archive that answers what it is told to, then 200, and keeps what it was sent. */
async function startArchive(context: TestContext, ...statuses: number[]) {
  const requests: { status: number; seal: AuditSeal; type: string | undefined }[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const status = statuses.shift() ?? 200;
    requests.push({ status, seal: JSON.parse(body) as AuditSeal, type: request.headers['content-type'] });
    response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const numbers = (taken: boolean) =>
    requests
      .filter(({ status }) => (status === 200) === taken)
      .map(({ seal: { tenant, number } }) => `${tenant} ${number}`);
  return { url: `http://127.0.0.1:${port}/seals`, requests, numbers };
}

/** A trail with two seals of one tenant and one of another, none of them written out. */
async function sealedTrail(context: TestContext) {
  const trail = await openFreshTrail(context);
  const { audit } = trail;
  await audit.append(user(ACME), [fact('accepted', '01')], true);
  await audit.append(user(GLOBEX), [fact('accepted', '01')], true);
  await audit.seals.sealMoved(() => new Date());
  await audit.append(user(ACME), [fact('settled', '02')]);
  const unwritten = () => trail.connection.collection('audit-seals').countDocuments({ unwritten: true });
  return { ...trail, unwritten };
}

interface Settings {
  readonly webhook: string;
  readonly allow?: AllowedAddresses;
}

/** Workers that seal: each with a file and a log of its own. */
async function startSealing(
  context: TestContext,
  { audit, connection }: Awaited<ReturnType<typeof sealedTrail>>,
  { webhook, allow = [parseAllowedNetwork('127.0.0.1')].filter((one) => one !== undefined) }: Settings,
) {
  const folder = await mkdtemp(join(tmpdir(), 'provost-seals-'));
  const file = join(folder, 'seals.jsonl');
  const logged: { message: string; facts: Record<string, unknown> }[] = [];
  const webhookPost = createWebhookPost(allow);
  const sealing = sealAudit({
    seals: audit.seals,
    leases: createLeaseStore(connection, Date.now),
    everyMs: 20,
    file,
    webhook,
    post: (url, headers, body) => webhookPost.post(undefined, url, headers, body),
    now: () => new Date(),
    log: (message, facts) => void logged.push({ message, facts }),
  });
  context.after(async () => {
    await sealing.stop();
    await webhookPost.close();
    await rm(folder, { recursive: true });
  });
  return {
    failures: () => logged.filter(({ facts }) => 'error' in facts).map(({ facts }) => String(facts['error'])),
    lines: async () => (await readFile(file, 'utf8').catch(() => '')).split('\n').filter((line) => line !== ''),
    stop: () => sealing.stop(),
  };
}

const ALL = ['acme 1', 'acme 2', 'globex 1'];

test('a seal is posted again until the webhook takes it, each is taken once, and in order', async (context) => {
  const trail = await sealedTrail(context);
  const archive = await startArchive(context, 500, 302, 200, 503);
  const sealing = await startSealing(context, trail, { webhook: archive.url });
  await until('every seal taken', trail.unwritten, (left) => left === 0 && archive.numbers(true).length >= ALL.length);
  await sealing.stop();
  assert.deepEqual(archive.numbers(true), ALL);
  assert.deepEqual(archive.numbers(false), ['acme 1', 'acme 1', 'acme 2'], 'nothing overtakes what was not taken');
  assert.ok(sealing.failures().some((error) => error.includes('answered 500')));
  assert.ok(archive.requests.every(({ type }) => type === 'application/json'));

  const lines = (await sealing.lines()).map((line) => JSON.parse(line) as AuditSeal);
  assert.deepEqual(
    lines.map(({ tenant, number }) => `${tenant} ${number}`),
    ALL,
    'the file has each once, however often it was posted',
  );
  const taken = archive.requests.filter(({ status }) => status === 200).map(({ seal }) => seal);
  assert.deepEqual(taken, lines);
  const kept = new Map(taken.filter(({ tenant }) => tenant === ACME).map((seal) => [seal.number, seal]));
  assert.deepEqual(await trail.audit.verifySeals(ACME, kept), { seals: 2 });
});

test('of several workers one at a time writes seals out, so that each is taken once', async (context) => {
  const trail = await sealedTrail(context);
  const archive = await startArchive(context, 500);
  const workers = await Promise.all([1, 2, 3].map(() => startSealing(context, trail, { webhook: archive.url })));
  await until('every seal taken', trail.unwritten, (left) => left === 0 && archive.numbers(true).length >= ALL.length);
  await Promise.all(workers.map(({ stop }) => stop()));
  assert.deepEqual(archive.numbers(true), ALL);
});

test('an internal address gets no seal unless it is allowed, and not where it is allowed to one tenant', async (context) => {
  for (const network of [undefined, 'acme@127.0.0.1']) {
    const trail = await sealedTrail(context);
    const archive = await startArchive(context);
    const allow = network === undefined ? [] : [parseAllowedNetwork(network)].filter((one) => one !== undefined);
    const sealing = await startSealing(context, trail, { webhook: archive.url, allow });
    const [error] = await until('the refusal', sealing.failures, (found) => found.length > 0);
    assert.match(String(error), /PROVOST_OUTBOUND_ALLOW/);
    await sealing.stop();
    assert.deepEqual(archive.requests, []);
    assert.equal(await trail.unwritten(), 3, 'they wait until the address is allowed');
    assert.equal((await sealing.lines()).length, 1);
  }
});
