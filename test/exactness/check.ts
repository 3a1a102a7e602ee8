import assert from 'node:assert/strict';
import type { FaultySandbox, HeldAccount } from '../end-to-end/sandbox.ts';
import type { TestTenant } from '../end-to-end/tenant.ts';
import { until } from '../until.ts';
import type { StoredUser, TargetPlan } from './six-targets.ts';

const OPEN_STATES = ['received', 'waiting-approval', 'persisted', 'provisioning', 'parked'] as const;

interface ChangeSeen {
  readonly id: string;
  readonly state: string;
  readonly resource: string;
  readonly waits: readonly unknown[];
}

/** Waits until nothing is under way. What is parked is tried again, as an operator does who sees that targets are well. */
export async function everythingSettled(tenant: TestTenant): Promise<void> {
  await until(
    'everything settled',
    async () => {
      const open: ChangeSeen[] = [];
      for (const state of OPEN_STATES) {
        const { body } = await tenant.admin('GET', `/changes?state=${state}&limit=200`);
        open.push(...((body['items'] ?? []) as ChangeSeen[]));
      }
      const jobs = (await tenant.admin('GET', '/jobs')).body['items'] as { state: string }[];
      for (const { id } of open.filter(({ state }) => state === 'parked'))
        await tenant.admin('POST', `/changes/${id}/retry`, {});
      return [
        ...open.map(({ id, state, waits }) => ({ id, state, waits })),
        ...jobs.filter(({ state }) => state === 'running'),
      ];
    },
    (open) => open.length === 0,
    120_000,
  );
}

/** The store as its own API tells it. */
export async function storeOf(tenant: TestTenant, groups: readonly string[]) {
  const { body } = await tenant.scim('GET', '/Users?count=200');
  const members = new Map<string, ReadonlySet<string>>();
  for (const group of groups) {
    const found = (await tenant.scim('GET', `/Groups/${group}`)).body['members'] as { value: string }[] | undefined;
    members.set(group, new Set((found ?? []).map(({ value }) => value)));
  }
  return { users: body['Resources'] as unknown as StoredUser[], members };
}

export interface Expected {
  readonly users: readonly StoredUser[];
  readonly members: ReadonlyMap<string, ReadonlySet<string>>;
  readonly scopedTo: string;
  readonly role: ReadonlySet<string>;
}

/** What is wrong at one target, in words; nothing where it is what the store projects to. */
export async function differencesAt(sandbox: FaultySandbox, plan: TargetPlan, expected: Expected): Promise<string[]> {
  const { users: accounts, groups } = await sandbox.everything();
  const wrong: string[] = [];
  const byOwner = new Map<string, HeldAccount[]>();
  for (const account of accounts) {
    const owner = String(account['externalId']);
    byOwner.set(owner, [...(byOwner.get(owner) ?? []), account]);
  }
  for (const [owner, held] of byOwner) if (held.length > 1) wrong.push(`${held.length} accounts of ${owner}`);
  const wanted = new Map(expected.users.filter((user) => plan.isFor(user, expected)).map((user) => [user.id, user]));
  for (const user of wanted.values()) {
    const account = byOwner.get(user.id)?.[0];
    if (account === undefined) wrong.push(`no account of ${user.userName} (${user.id})`);
    else wrong.push(...differences(user, account));
  }
  for (const account of accounts) {
    if (wanted.has(String(account['externalId']))) continue;
    if (plan.leaves === 'nothing') wrong.push(`${account.userName} is still there`);
    else if (account['active'] !== false) wrong.push(`${account.userName} is still active`);
  }
  if (plan.groups) wrong.push(...groupDifferences(groups, byOwner, expected));
  return wrong;
}

const COMPARED = ['userName', 'title', 'displayName', 'nickName', 'userType'] as const;

function differences(user: StoredUser, account: HeldAccount): string[] {
  const found = COMPARED.filter((name) => (account[name] ?? undefined) !== (user[name] ?? undefined)).map(
    (name) => `${user.userName}: ${name} is ${String(account[name])}, not ${String(user[name])}`,
  );
  const [is, should] = [account['active'] !== false, user.active !== false];
  return is === should ? found : [...found, `${user.userName}: ${is ? 'active' : 'not active'}`];
}

function groupDifferences(
  groups: readonly Readonly<Record<string, unknown>>[],
  accounts: ReadonlyMap<string, readonly HeldAccount[]>,
  { members }: Expected,
): string[] {
  return [...members].flatMap(([id, wanted]) => {
    const held = groups.filter((group) => group['externalId'] === id);
    if (held.length !== 1) return [`${held.length} groups of ${id}`];
    const inside = ((held[0]?.['members'] ?? []) as { value: string }[]).map(({ value }) => value).sort();
    const should = [...wanted].flatMap((user) => accounts.get(user)?.[0]?.id ?? []).sort();
    return JSON.stringify(inside) === JSON.stringify(should)
      ? []
      : [`group ${id} has ${inside.length} members, not ${should.length}`];
  });
}

/** Each resource's chain is whole, and says of each change how it ended. */
export async function checkChains(tenant: TestTenant, resources: readonly string[]): Promise<void> {
  for (const resource of resources) {
    const verdict = await tenant.admin('GET', `/resources/${resource}/audit/verify`);
    assert.equal(verdict.status, 200, verdict.text);
    assert.equal(verdict.body['broken'], undefined, `the chain of ${resource}: ${verdict.text}`);
    const entries: { event: string; change: string }[] = [];
    let cursor = '';
    do {
      const { body } = await tenant.admin('GET', `/resources/${resource}/audit?limit=200${cursor}`);
      entries.push(...(body['items'] as { event: string; change: string }[]));
      cursor = typeof body['next'] === 'string' ? `&cursor=${body['next']}` : '';
    } while (cursor !== '');
    for (const { change } of entries.filter(({ event }) => event === 'accepted')) {
      const events = entries.filter((entry) => entry.change === change).map(({ event }) => event);
      assert.ok(
        ['settled', 'rejected', 'approval-ended'].some((end) => events.includes(end)),
        `change ${change} of ${resource} has no end: ${events.join(', ')}`,
      );
      assert.equal(events.filter((event) => event === 'accepted').length, 1, `change ${change} was accepted twice`);
      assert.ok(events.filter((event) => event === 'persisted').length <= 1, `change ${change} was persisted twice`);
    }
  }
}
