import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Connector } from '../../connectors/connector.ts';
import { failsWith } from './faulty.ts';
import type { FaultyTarget } from './faulty-target.ts';

export interface OpenedConnector {
  readonly connector: Connector;
  /** Stands between the connector and its target. */
  readonly between: FaultyTarget;
}

const signal = (): AbortSignal => AbortSignal.timeout(20_000);
const ada = { userName: 'ada', displayName: 'Ada', active: true };
const byName = { attribute: 'userName', value: 'ada' };

/**
 * What every connector must do that takes users, whatever its protocol. Call it in a test file.
 *
 * @param name of the connector, for the tests' names
 * @param open makes a fresh, empty target, and a connector to it; both go with the test
 */
export function connectorContract(name: string, open: (t: TestContext) => Promise<OpenedConnector>): void {
  test(`${name}: an account is created, found, read, changed and deleted`, async (t) => {
    const { connector } = await open(t);
    assert.deepEqual(await connector.find('User', byName, signal()), []);
    const { remoteId } = await connector.create('User', ada, signal());
    const [found, ...others] = await connector.find('User', byName, signal());
    assert.equal(found?.remoteId, remoteId);
    assert.equal(others.length, 0);
    await connector.update('User', remoteId, { before: ada, after: { ...ada, displayName: 'Augusta' } }, signal());
    const held = await connector.read('User', remoteId, signal());
    assert.equal(held?.content['displayName'], 'Augusta');
    assert.equal(held?.content['userName'], 'ada');
    await connector.delete('User', remoteId, signal());
    assert.equal(await connector.read('User', remoteId, signal()), undefined);
  });

  test(`${name}: all accounts are listed, page by page, each once`, async (t) => {
    const { connector } = await open(t);
    const names = Array.from({ length: 130 }, (_, number) => `person-${number}`);
    for (const userName of names) await connector.create('User', { ...ada, userName }, signal());
    const listed: string[] = [];
    let cursor: string | undefined;
    do {
      const { accounts, next } = await connector.list('User', cursor, signal());
      listed.push(...accounts.map(({ content }) => String(content['userName'])));
      cursor = next;
    } while (cursor !== undefined);
    assert.deepEqual(listed.sort(), names.sort());
  });

  test(`${name}: an attribute that is wanted no more goes`, async (t) => {
    const { connector } = await open(t);
    const { remoteId } = await connector.create('User', ada, signal());
    const { displayName: _gone, ...after } = ada;
    await connector.update('User', remoteId, { before: ada, after }, signal());
    assert.equal((await connector.read('User', remoteId, signal()))?.content['displayName'], undefined);
  });

  test(`${name}: disabling leaves everything else, and can be repeated`, async (t) => {
    const { connector } = await open(t);
    const { remoteId } = await connector.create('User', ada, signal());
    for (let time = 0; time < 2; time += 1) await connector.disable('User', remoteId, signal());
    const held = (await connector.read('User', remoteId, signal()))?.content;
    assert.equal(held?.['active'], false);
    assert.equal(held?.['displayName'], 'Ada');
  });

  test(`${name}: enabling undoes disabling, leaves everything else, and can be repeated`, async (t) => {
    const { connector } = await open(t);
    const { remoteId } = await connector.create('User', ada, signal());
    await connector.disable('User', remoteId, signal());
    for (let time = 0; time < 2; time += 1) await connector.enable('User', remoteId, signal());
    const held = (await connector.read('User', remoteId, signal()))?.content;
    assert.equal(held?.['active'], true);
    assert.equal(held?.['displayName'], 'Ada');
    await connector.delete('User', remoteId, signal());
    await failsWith(connector.enable('User', remoteId, signal()), 'TARGET_NOT_FOUND');
  });

  test(`${name}: what was created or changed is answered as the target shows it`, async (t) => {
    const { connector } = await open(t);
    const created = await connector.create('User', ada, signal());
    assert.equal(created.content['userName'], 'ada');
    const after = { ...ada, displayName: 'Augusta' };
    const changed = await connector.update('User', created.remoteId, { before: ada, after }, signal());
    assert.equal(changed.content['displayName'], 'Augusta');
    assert.equal((await connector.read('User', changed.remoteId, signal()))?.content['displayName'], 'Augusta');
  });

  test(`${name}: a group that is disabled stays, with nobody in it, where it has groups`, async (t) => {
    const { connector } = await open(t);
    const { capabilities } = connector;
    if (!capabilities.types.includes('Group')) return;
    const { remoteId: member } = await connector.create('User', ada, signal());
    const { remoteId: group } = await connector.create('Group', { displayName: 'Staff' }, signal());
    await connector.changeMembers(group, { add: [member], remove: [] }, signal());
    for (let time = 0; time < 2; time += 1) await connector.disable('Group', group, signal());
    assert.equal((await connector.read('Group', group, signal()))?.content['displayName'], 'Staff');
    assert.deepEqual((await connector.readMembers?.(group, signal())) ?? [], []);
    await connector.changeMembers(group, { add: [member], remove: [] }, signal());
    await connector.delete('Group', group, signal());
    await connector.disable('Group', group, signal());
  });

  test(`${name}: what is gone is gone: deleting and disabling it is done, changing it is not`, async (t) => {
    const { connector } = await open(t);
    const { remoteId } = await connector.create('User', ada, signal());
    for (let time = 0; time < 2; time += 1) await connector.delete('User', remoteId, signal());
    await connector.disable('User', remoteId, signal());
    const update = { before: ada, after: { ...ada, displayName: 'Augusta' } };
    await failsWith(connector.update('User', remoteId, update, signal()), 'TARGET_NOT_FOUND');
  });

  test(`${name}: a second account with the same name is a conflict`, async (t) => {
    const { connector } = await open(t);
    await connector.create('User', ada, signal());
    await failsWith(connector.create('User', ada, signal()), 'TARGET_CONFLICT');
  });

  test(`${name}: a write whose answer was lost is unknown and not repeated; a look is tried again`, async (t) => {
    const { connector, between } = await open(t);
    await connector.find('User', byName, signal());
    between.script({ kind: 'pass-then-drop' });
    const before = between.received.length;
    await failsWith(connector.create('User', ada, signal()), 'TARGET_OUTCOME_UNKNOWN');
    assert.equal(between.received.length, before + 1);
    between.script({ kind: 'drop' });
    await failsWith(connector.find('User', byName, signal()), 'TARGET_UNAVAILABLE');
    assert.equal((await connector.find('User', byName, signal())).length, 1);
  });

  test(`${name}: limits, refusals and cancellation`, async (t) => {
    const { connector, between } = await open(t);
    between.script({ kind: 'answer', status: 429, headers: { 'retry-after': '2' } });
    await failsWith(connector.create('User', ada, signal()), 'TARGET_THROTTLED', { retryAfterMs: 2_000 });
    between.script({ kind: 'answer', status: 403 });
    await failsWith(connector.create('User', ada, signal()), 'TARGET_REJECTED');
    const reason = new Error('not wanted');
    await assert.rejects(connector.create('User', ada, AbortSignal.abort(reason)), reason);
    assert.deepEqual(await connector.find('User', byName, signal()), []);
  });

  test(`${name}: the test of the target says whether its credentials are good`, async (t) => {
    const { connector, between } = await open(t);
    await connector.test(signal());
    assert.deepEqual(await connector.find('User', byName, signal()), []);
    between.script({ kind: 'answer', status: 401 }, { kind: 'answer', status: 401 });
    await failsWith(connector.test(signal()), 'TARGET_UNAUTHORISED');
  });
}
