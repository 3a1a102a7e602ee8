import { createHash } from 'node:crypto';
import { ProvostError } from '../../../domain/errors.ts';
import { asResourceId } from '../../../domain/ids.ts';
import type { ListedResource } from '../../../stores/resources.ts';
import type { Call } from '../call.ts';
import type { Operation } from '../contract/operation.ts';
import { flag, text, texts, whole } from '../contract/schema-types.ts';
import { CLAIM_VALUE } from '../contract/wso2-types.ts';
import { findRole } from '../find/find-role.ts';
import { existingUser, findUser, lookUpUser } from '../find/find-user.ts';
import { listNamed, queryFor } from '../find/query.ts';
import { readUserName, writeName } from '../find/store-name.ts';
import { matchesPattern, patternFilter } from '../find/wildcards.ts';
import { submitChange } from '../submit-change.ts';
import { addUser } from './add-user.ts';
import { claimFilter } from './claim-filter.ts';
import { claimValuesOf, findClaim } from './claim-writes.ts';
import { requireDefaultProfile } from './profile.ts';
import { usersOf } from './role-members.ts';

/** Most user names in one answer (WSO2's `MaxUserNameListLength`, which is 100 there unless configured). */
export const MOST_USERS = 1_000;

export async function deleteUser(call: Call, userName: string): Promise<void> {
  const { id } = await findUser(call, userName);
  await submitChange(call, { resourceType: 'User', resourceId: id, body: { kind: 'delete' } });
}

/**
 * Users whose names fit a pattern.
 *
 * @param limit negative or undefined: as many as there may be
 */
export async function listUsers(
  call: Call,
  filter: string | undefined,
  limit: number | undefined,
): Promise<ListedResource[]> {
  const { store, name } = readUserName(
    filter === undefined || filter === '' ? '*' : filter,
    call.serviceProvider.userStore,
  );
  const query = queryFor(call.types.user, store, patternFilter('userName', name));
  return listNamed(call, query, {
    most: limit === undefined || limit < 0 ? MOST_USERS : Math.min(limit, MOST_USERS),
    counts: ({ resource }) => matchesPattern(String(resource['userName']), name),
  });
}

export const userNameOf = ({ store, resource }: ListedResource): string =>
  writeName(store, String(resource['userName']));

/** Names of users who have a claim's value; `*` in it stands for any characters. */
export async function usersByClaim(call: Call, uri: string, value: string): Promise<readonly string[]> {
  const claim = findClaim(call, uri);
  if (claim.attribute.name === 'groups') {
    const { id } = await findRole(call, value);
    return (await usersOf(call, asResourceId(id), MOST_USERS)).map(({ name }) => name);
  }
  const query = queryFor(call.types.user, call.serviceProvider.userStore, claimFilter(claim, value));
  return (await listNamed(call, query, { most: MOST_USERS })).map(userNameOf);
}

/** WSO2 numbers users and tenants. A number that follows from the id is always the same, and might be another's too. */
export const numberOf = (id: string): number => createHash('sha256').update(id).digest().readInt32BE() & 0x7fff_ffff;

export const DELETE_USER: Operation = {
  name: 'deleteUser',
  parameters: [text('userName')],
  requires: [['delete', 'User']],
  async run(call) {
    await deleteUser(call, call.given.text('userName'));
    return undefined;
  },
};

export const USER_OPERATIONS: readonly Operation[] = [
  {
    name: 'addUser',
    parameters: [
      text('userName'),
      text('credential'),
      texts('roleList'),
      { name: 'claims', type: CLAIM_VALUE, repeated: true },
      text('profileName'),
      flag('requirePasswordChange'),
    ],
    requires: [['create', 'User']],
    async run(call) {
      const { given } = call;
      requireDefaultProfile(given);
      given.flag('requirePasswordChange');
      await addUser(call, {
        userName: given.plain('userName'),
        password: given.plain('credential'),
        roles: given.texts('roleList'),
        claims: claimValuesOf(given.objects('claims')),
      });
      return undefined;
    },
  },
  DELETE_USER,
  {
    name: 'isExistingUser',
    parameters: [text('userName')],
    returns: { type: 'boolean' },
    requires: [['view', 'User']],
    run: async (call) => (await lookUpUser(call, call.given.text('userName'))) !== undefined,
  },
  {
    name: 'listUsers',
    parameters: [text('filter'), whole('maxItemLimit')],
    returns: { type: 'string', repeated: true },
    requires: [['list', 'User']],
    async run(call) {
      const found = await listUsers(call, call.given.optionalText('filter'), call.given.whole('maxItemLimit'));
      return found.map(userNameOf);
    },
  },
  {
    name: 'getUserList',
    parameters: [text('claimUri'), text('claimValue'), text('profile')],
    returns: { type: 'string', repeated: true },
    requires: [['list', 'User']],
    async run(call) {
      requireDefaultProfile(call.given, 'profile');
      return usersByClaim(call, call.given.text('claimUri'), call.given.text('claimValue'));
    },
  },
  {
    name: 'getUserId',
    parameters: [text('username')],
    returns: { type: 'int' },
    requires: [['view', 'User']],
    run: async (call) => numberOf((await existingUser(call, call.given.text('username'))).id),
  },
  {
    name: 'getTenantIdofUser',
    parameters: [text('username')],
    returns: { type: 'int' },
    requires: [['view', 'User']],
    async run(call) {
      requirePlatform(call);
      await existingUser(call, call.given.text('username'));
      return numberOf(call.principal.tenant);
    },
  },
];

/** What WSO2 refuses outside its super tenant. @throws ProvostError `FORBIDDEN` */
export function requirePlatform({ principal }: Call): void {
  if (!principal.roles.includes('platform-admin'))
    throw new ProvostError('FORBIDDEN', 'Access Denied: this is for platform administrators.');
}
