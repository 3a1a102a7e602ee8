import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { test } from 'node:test';
import type { Connector } from '../../../connectors/connector.ts';
import { until } from '../../until.ts';
import { failsWith, faultyTarget, listOf } from '../faulty.ts';
import type { Behaviour } from '../faulty-target.ts';
import { connectorTo, signal } from './sandbox-connector.ts';

const ada = { userName: 'ada@example.com' };
const account = { id: '1', ...ada };
const change = { before: { title: 'a' }, after: { title: 'b' } };
const look = (connector: Connector) => connector.read('User', '1', signal());
const create = (connector: Connector) => connector.create('User', ada, signal());
const update = (connector: Connector) => connector.update('User', '1', change, signal());

const SILENCES: Readonly<Record<string, Behaviour>> = {
  'a connection that is closed without an answer': { kind: 'drop' },
  'an answer that never comes': { kind: 'hang' },
  'a success that breaks off in the middle': { kind: 'cut', status: 201, body: account },
  'a success that comes too slowly': { kind: 'trickle', status: 200, body: account, everyMs: 100 },
};

for (const [name, behaviour] of Object.entries(SILENCES)) {
  test(`${name}: unknown after a write, to be tried again after a look`, async (t) => {
    const target = await faultyTarget(t, { behave: () => behaviour });
    const connector = connectorTo(t, target.url, { requestTimeoutMs: 300 });
    await failsWith(look(connector), 'TARGET_UNAVAILABLE');
    await failsWith(create(connector), 'TARGET_OUTCOME_UNKNOWN');
    await failsWith(update(connector), 'TARGET_OUTCOME_UNKNOWN');
    await failsWith(connector.delete('User', '1', signal()), 'TARGET_OUTCOME_UNKNOWN');
    assert.deepEqual(
      target.received.map(({ method }) => method),
      ['GET', 'POST', 'PATCH', 'DELETE'],
      'nothing is sent again by itself',
    );
  });
}

test('a refusal that breaks off in the middle is a refusal', async (t) => {
  const target = await faultyTarget(t, { behave: () => ({ kind: 'cut', status: 409, body: { detail: 'Taken.' } }) });
  await failsWith(create(connectorTo(t, target.url)), 'TARGET_CONFLICT', { targetStatus: 409 });
});

test('where nothing listens, nothing was done', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  const connector = connectorTo(t, `http://127.0.0.1:${port}`);
  for (const call of [look, create, update]) await failsWith(call(connector), 'TARGET_UNAVAILABLE');
});

test('where TLS fails, nothing was done', async (t) => {
  const target = await faultyTarget(t);
  await failsWith(create(connectorTo(t, target.url.replace('http:', 'https:'))), 'TARGET_UNAVAILABLE');
  assert.equal(target.received.length, 0);
});

const UNREADABLE: Readonly<Record<string, Behaviour>> = {
  'a page of HTML': { kind: 'answer', status: 200, headers: { 'content-type': 'text/html' }, body: '<html></html>' },
  'broken JSON': { kind: 'answer', status: 200, body: '{"id": "1"' },
  'an answer of two megabytes': { kind: 'answer', status: 200, body: { ...account, title: 'x'.repeat(2_000_000) } },
};

for (const [name, behaviour] of Object.entries(UNREADABLE)) {
  test(`${name} confirms nothing, whatever its status`, async (t) => {
    const target = await faultyTarget(t, { behave: () => behaviour });
    const connector = connectorTo(t, target.url);
    await failsWith(look(connector), 'TARGET_UNAVAILABLE');
    await failsWith(create(connector), 'TARGET_OUTCOME_UNKNOWN', { targetStatus: 200 });
    await failsWith(update(connector), 'TARGET_OUTCOME_UNKNOWN', { targetStatus: 200 });
  });
}

test('an endless answer is left, not read', async (t) => {
  const body = 'x'.repeat(64 * 1024 * 1024);
  const target = await faultyTarget(t, { behave: () => ({ kind: 'answer', status: 200, body }) });
  const before = process.memoryUsage.rss();
  await failsWith(look(connectorTo(t, target.url)), 'TARGET_UNAVAILABLE');
  // The body itself is here once, in the target; the connector took a megabyte of it.
  assert(process.memoryUsage.rss() - before < 128 * 1024 * 1024);
});

test('a create that answers without an id is unknown; one that has it in its Location is done', async (t) => {
  const target = await faultyTarget(t);
  const connector = connectorTo(t, target.url);
  target.script({ kind: 'answer', status: 201, body: ada });
  await failsWith(create(connector), 'TARGET_OUTCOME_UNKNOWN', { targetStatus: 201 });
  target.script({ kind: 'answer', status: 201 });
  await failsWith(create(connector), 'TARGET_OUTCOME_UNKNOWN', { targetStatus: 201 });
  target.script({ kind: 'answer', status: 201, headers: { location: `${target.url}/Users/a%2Fb` } });
  assert.deepEqual(await create(connector), { remoteId: 'a/b', content: ada, isAssumed: true });
});

test('a call that is cancelled: unknown where it had been sent, otherwise as if it had never been', async (t) => {
  const target = await faultyTarget(t, { behave: () => ({ kind: 'hang' }) });
  const connector = connectorTo(t, target.url);
  const cancelled = AbortSignal.abort(new Error('not wanted any more'));
  await assert.rejects(connector.create('User', ada, cancelled), { message: 'not wanted any more' });
  assert.equal(target.received.length, 0);

  for (const write of [true, false]) {
    const seen = target.received.length;
    const controller = new AbortController();
    const calling = write
      ? connector.create('User', ada, controller.signal)
      : connector.read('User', '1', controller.signal);
    calling.catch(() => undefined);
    await until('the request to arrive', () => target.received.length > seen);
    controller.abort(new Error('not wanted any more'));
    if (write) await failsWith(calling, 'TARGET_OUTCOME_UNKNOWN');
    else await assert.rejects(calling, { message: 'not wanted any more' });
  }
});

test('connections are used again', async (t) => {
  const target = await faultyTarget(t, { behave: () => ({ kind: 'answer', status: 200, body: listOf(account) }) });
  const connector = connectorTo(t, target.url);
  for (let sent = 0; sent < 30; sent += 1) {
    await connector.find('User', { attribute: 'userName', value: ada.userName }, signal());
  }
  assert.equal(target.received.length, 30);
  assert(target.connections <= 2, `${target.connections} connections`);
});

test('a connection that broke is not used again', async (t) => {
  const target = await faultyTarget(t, { behave: () => ({ kind: 'answer', status: 200, body: account }) });
  const connector = connectorTo(t, target.url);
  await look(connector);
  target.script({ kind: 'drop' });
  await failsWith(look(connector), 'TARGET_UNAVAILABLE');
  assert.deepEqual((await look(connector))?.remoteId, '1');
});
