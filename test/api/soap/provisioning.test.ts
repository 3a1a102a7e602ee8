import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type SandboxTarget, startSandboxTarget } from '../../../dev/sandbox-target.ts';
import { startInstallation, type TestInstallation } from '../../end-to-end/installation.ts';
import { newTenant } from '../../end-to-end/tenant.ts';
import { until } from '../../until.ts';
import { soapClient } from './soap-client.ts';

let provost: TestInstallation;
before(async () => {
  provost = await startInstallation();
});
after(() => provost.stop());

/** Milliseconds. */
const PATIENCE = 60_000;

interface Account {
  readonly id: string;
  readonly userName: string;
  readonly [attribute: string]: unknown;
}

interface Held {
  readonly users: readonly Account[];
  readonly groups: readonly {
    readonly displayName: string;
    readonly members?: readonly { readonly value: string }[];
  }[];
}

async function withSandbox(
  t: { after(end: () => Promise<void>): void },
  mode: 'persist-and-provision' | 'provision-only',
) {
  const sandbox: SandboxTarget = await startSandboxTarget({ host: '127.0.0.1', port: 0, token: 'sandbox' });
  t.after(() => sandbox.stop());
  const target = { baseUrl: sandbox.url, token: 'sandbox', deprovision: 'delete' };
  const tenant = await newTenant(provost.url, { mode, targets: [target] });
  const soap = soapClient(provost.url, tenant.authorization);
  const held = async (): Promise<Held> => (await (await fetch(sandbox.pageUrl)).json()) as Held;
  return {
    ...tenant,
    async ok(...call: Parameters<typeof soap>): Promise<void> {
      const reply = await soap(...call);
      assert.equal(reply.status, 202, `${call[0]}: ${reply.text}`);
    },
    account: (userName: string, holds: (account: Account | undefined) => boolean) =>
      until(
        `the account ${userName}`,
        async () => (await held()).users.find((user) => user.userName === userName),
        holds,
        PATIENCE,
      ),
    members: (group: string, expected: readonly string[] | undefined) =>
      until(
        `the members of ${group}`,
        async () => {
          const { users, groups } = await held();
          const found = groups.find(({ displayName }) => displayName === group);
          const nameOf = (id: string) => users.find((user) => user.id === id)?.userName ?? id;
          return found && (found.members ?? []).map(({ value }) => nameOf(value)).sort();
        },
        (seen) => JSON.stringify(seen) === JSON.stringify(expected),
        PATIENCE,
      ),
  };
}

const claim = (name: string): string => `http://wso2.org/claims/${name}`;

for (const mode of ['persist-and-provision', 'provision-only'] as const)
  test(`what SOAP changes arrives at the target (${mode})`, async (t) => {
    const { ok, account, scim } = await withSandbox(t, mode);
    await ok('addUser', {
      userName: 'maya',
      credential: 'Pw#12345',
      claims: {
        claims: [
          [claim('emailaddress'), 'a@ex.test'],
          [claim('mobile'), '1'],
        ],
      },
    });
    await account('maya', (held) => held !== undefined);
    await ok('setUserClaimValues', {
      userName: 'MAYA',
      claims: {
        claims: [
          [claim('title'), 'Dr'],
          [claim('mobile'), '2'],
          [claim('emailaddress'), 'b@ex.test'],
        ],
      },
    });
    const changed = await account('maya', (held) => held?.['title'] === 'Dr');
    const values = (attribute: string) =>
      ((changed?.[attribute] ?? []) as { value: string }[]).map(({ value }) => value);
    assert.deepEqual([values('phoneNumbers'), values('emails')], [['2'], ['b@ex.test']]);
    await ok('deleteUserClaimValue', { userName: 'maya', claimURI: claim('mobile') });
    await account('maya', (held) => ((held?.['phoneNumbers'] ?? []) as unknown[]).length === 0);
    const kept = (await scim('GET', '/Users')).body['totalResults'];
    assert.equal(kept, mode === 'provision-only' ? 0 : 1);
    await ok('deleteUser', { userName: 'maya' });
    await account('maya', (held) => held === undefined);
    await ok('addUser', { userName: 'maya', credential: 'Pw#12345' });
    await account('maya', (held) => held !== undefined);
  });

for (const mode of ['persist-and-provision', 'provision-only'] as const)
  test(`roles arrive as groups with their members (${mode})`, async (t) => {
    const { ok, members } = await withSandbox(t, mode);
    for (const userName of ['anna', 'bea']) await ok('addUser', { userName, credential: 'Pw#12345' });
    await ok('addRole', { roleName: 'staff', userList: ['anna'] });
    await members('staff', ['anna']);
    await ok('updateRoleListOfUser', { userName: 'bea', newRoles: ['staff'] });
    await members('staff', ['anna', 'bea']);
    await ok('updateUserListOfRole', { roleName: 'staff', deletedUsers: ['anna'] });
    await members('staff', ['bea']);
    await ok('updateRoleName', { roleName: 'staff', newRoleName: 'people' });
    if (mode === 'persist-and-provision') await members('people', ['bea']);
    await ok('deleteRole', { roleName: mode === 'persist-and-provision' ? 'people' : 'staff' });
    await members('people', undefined);
    await members('staff', undefined);
  });
