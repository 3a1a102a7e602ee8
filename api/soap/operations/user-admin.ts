import { PRIMARY_STORE } from '../../../domain/policy.ts';
import { foldCase } from '../../../domain/scim/fold-case.ts';
import type { Call } from '../call.ts';
import type { Operation } from '../contract/operation.ts';
import { flag, type SoapValue, text, texts, whole } from '../contract/schema-types.ts';
import { CLAIM_VALUE, FLAGGED_NAME } from '../contract/wso2-types.ts';
import { isEveryone } from '../find/find-role.ts';
import { matchesPattern } from '../find/wildcards.ts';
import { addUser } from './add-user.ts';
import { changePassword, setPassword } from './credentials.ts';
import { requireDefaultProfile } from './profile.ts';
import { MOST_ROLES, roleNames } from './role-names.ts';
import { DELETE_ROLE, MEMBERSHIP, UPDATE_ROLE_NAME } from './role-operations.ts';
import { addRole, changeRolesOfUser, changeUsersOfRole, roleNamesOf, userNamesOf } from './roles.ts';
import { DELETE_USER, listUsers, MOST_USERS, userNameOf, usersByClaim } from './users.ts';

const flagged = { type: FLAGGED_NAME, repeated: true } as const;

interface Names {
  readonly names: readonly string[];
  readonly hasMore: boolean;
}

const atMost = (names: readonly string[], most: number): Names => ({
  names: names.slice(0, most),
  hasMore: names.length > most,
});

/** Names as WSO2's console lists them, with the row behind them that says whether there are more. */
function flaggedNames({ names, hasMore }: Names, selected: (name: string) => boolean = nobody): SoapValue {
  const shown = names.map((name) => ({
    domainName: domainOf(name),
    editable: true,
    itemName: name,
    readOnly: false,
    roleType: name.startsWith('Internal/') ? 'Internal' : undefined,
    selected: selected(name),
    shared: false,
  }));
  const tail = { domainName: '', editable: false, itemName: String(hasMore), readOnly: false };
  return shown.length === 0 ? [] : [...shown, { ...tail, selected: false, shared: false }];
}

const domainOf = (name: string): string => (name.includes('/') ? name.slice(0, name.indexOf('/')) : PRIMARY_STORE);
const nobody = (): boolean => false;

const limited = (limit: number | undefined, most: number): number =>
  limit === undefined || limit < 0 ? most : Math.min(limit, most);

/** Names that fit the pattern, each marked where it is among the chosen ones; with a limit of 0 the chosen ones only. */
async function marked(
  chosen: readonly string[],
  pattern: string,
  limit: number | undefined,
  everything: (most: number) => Promise<Names>,
): Promise<SoapValue> {
  const folded = new Set(chosen.map(foldCase));
  const isChosen = (name: string): boolean => folded.has(foldCase(name));
  const wanted = pattern === '' ? '*' : pattern;
  if (limit === 0) {
    const fitting = chosen.filter((name) => matchesPattern(name, wanted));
    return flaggedNames({ names: fitting, hasMore: false }, isChosen);
  }
  return flaggedNames(await everything(limited(limit, MOST_USERS - 1)), isChosen);
}

const userNames = async (call: Call, pattern: string, most: number): Promise<Names> =>
  atMost((await listUsers(call, pattern, most + 1)).map(userNameOf), most);

const nameFilter = (call: Call): string => call.given.optionalText('filter') ?? '*';

/**
 * What provisioning clients use of WSO2's service for its own console: users, passwords, roles. What is about the
 * console itself (permissions, realm information, import of files) is not served.
 */
export const USER_ADMIN_OPERATIONS: readonly Operation[] = [
  {
    name: 'listUsers',
    parameters: [text('filter'), whole('limit')],
    returns: { type: 'string', repeated: true },
    requires: [['list', 'User']],
    run: async (call) => (await listUsers(call, nameFilter(call), call.given.whole('limit'))).map(userNameOf),
  },
  {
    name: 'listAllUsers',
    parameters: [text('filter'), whole('limit')],
    returns: flagged,
    requires: [['list', 'User']],
    async run(call) {
      const most = limited(call.given.whole('limit'), MOST_USERS - 1);
      if (most === 0) return [];
      return flaggedNames(await userNames(call, nameFilter(call), most));
    },
  },
  {
    name: 'listUserByClaim',
    parameters: [{ name: 'claimValue', type: CLAIM_VALUE }, text('filter'), whole('maxLimit')],
    returns: flagged,
    requires: [['list', 'User']],
    async run(call) {
      const [claim] = call.given.objects('claimValue');
      const uri = claim?.text('claimURI') ?? call.given.text('claimValue');
      const value = claim?.optionalText('value') || nameFilter(call);
      const most = limited(call.given.whole('maxLimit'), MOST_USERS);
      return flaggedNames(atMost(await usersByClaim(call, uri, value), most));
    },
  },
  {
    name: 'addUser',
    parameters: [
      text('userName'),
      text('password'),
      texts('roles'),
      { name: 'claims', type: CLAIM_VALUE, repeated: true },
      text('profileName'),
    ],
    requires: [['create', 'User']],
    async run(call) {
      const { given } = call;
      requireDefaultProfile(given);
      await addUser(call, {
        userName: given.plain('userName'),
        password: given.plain('password'),
        roles: given.texts('roles'),
        claims: given.objects('claims'),
      });
      return undefined;
    },
  },
  DELETE_USER,
  {
    name: 'changePassword',
    parameters: [text('userName'), text('newPassword')],
    requires: [['update', 'User']],
    async run(call) {
      await setPassword(call, call.given.text('userName'), call.given.plain('newPassword'));
      return undefined;
    },
  },
  {
    name: 'changePasswordByUser',
    parameters: [text('userName'), text('oldPassword'), text('newPassword')],
    requires: [['update', 'User']],
    async run(call) {
      const { given } = call;
      await changePassword(call, given.text('userName'), given.plain('newPassword'), given.plain('oldPassword'));
      return undefined;
    },
  },
  {
    name: 'addRole',
    parameters: [text('roleName'), texts('userList'), texts('permissions'), flag('isSharedRole')],
    requires: [['create', 'Group']],
    async run(call) {
      await addRole(call, call.given.plain('roleName'), call.given.texts('userList'));
      return undefined;
    },
  },
  {
    name: 'addInternalRole',
    parameters: [text('roleName'), texts('userList'), texts('permissions')],
    requires: [['create', 'Group']],
    async run(call) {
      const roleName = call.given.plain('roleName').trim();
      const internal = roleName === '' || /^internal\//i.test(roleName) ? roleName : `Internal/${roleName}`;
      await addRole(call, internal, call.given.texts('userList'));
      return undefined;
    },
  },
  DELETE_ROLE,
  UPDATE_ROLE_NAME,
  {
    name: 'getAllRolesNames',
    parameters: [text('filter'), whole('limit')],
    returns: flagged,
    requires: [['view', 'Group']],
    async run(call) {
      const most = limited(call.given.whole('limit'), MOST_ROLES);
      return flaggedNames(await roleNames(call, nameFilter(call), most));
    },
  },
  {
    name: 'getRolesOfUser',
    parameters: [text('userName'), text('filter'), whole('limit')],
    returns: flagged,
    requires: [['view', 'Group']],
    async run(call) {
      const held = await roleNamesOf(call, call.given.text('userName'));
      const pattern = nameFilter(call);
      return marked(held, pattern, call.given.whole('limit'), (most) => roleNames(call, pattern, most));
    },
  },
  {
    name: 'getUsersOfRole',
    parameters: [text('roleName'), text('filter'), whole('limit')],
    returns: flagged,
    requires: [['view', 'Group']],
    async run(call) {
      const members = await userNamesOf(call, call.given.text('roleName'));
      const pattern = nameFilter(call);
      return marked(members, pattern, call.given.whole('limit'), (most) => userNames(call, pattern, most));
    },
  },
  {
    name: 'updateRolesOfUser',
    parameters: [text('userName'), texts('newRoleList')],
    requires: MEMBERSHIP,
    async run(call) {
      const userName = call.given.text('userName');
      // The list that the console shows has the role that everybody has.
      const wanted = call.given.texts('newRoleList').filter((role) => !isEveryone(role));
      const kept = new Set(wanted.map(foldCase));
      const held = (await roleNamesOf(call, userName)).filter((role) => !isEveryone(role));
      await changeRolesOfUser(call, userName, {
        leave: held.filter((role) => !kept.has(foldCase(role))),
        join: wanted,
      });
      return undefined;
    },
  },
  {
    name: 'addRemoveRolesOfUser',
    parameters: [text('userName'), texts('newRoles'), texts('deletedRoles')],
    requires: MEMBERSHIP,
    async run(call) {
      await changeRolesOfUser(call, call.given.text('userName'), {
        leave: call.given.texts('deletedRoles'),
        join: call.given.texts('newRoles'),
      });
      return undefined;
    },
  },
  {
    name: 'addRemoveUsersOfRole',
    parameters: [text('roleName'), texts('newUsers'), texts('deletedUsers')],
    requires: [['update', 'Group']],
    async run(call) {
      await changeUsersOfRole(call, call.given.text('roleName'), {
        leave: call.given.texts('deletedUsers'),
        join: call.given.texts('newUsers'),
      });
      return undefined;
    },
  },
  {
    name: 'hasMultipleUserStores',
    parameters: [],
    returns: { type: 'boolean' },
    requires: [['view', 'User']],
    run: async () => false,
  },
  {
    name: 'isSharedRolesEnabled',
    parameters: [],
    returns: { type: 'boolean' },
    requires: [['view', 'Group']],
    run: async () => false,
  },
];
