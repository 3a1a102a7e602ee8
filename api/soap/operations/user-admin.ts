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
import { DELETE_ROLE, UPDATE_ROLE_NAME } from './role-operations.ts';
import {
  addRole,
  changeRolesOfUser,
  changeUsersOfRole,
  MOST_ROLES,
  roleNames,
  roleNamesOf,
  userNamesOf,
} from './roles.ts';
import { DELETE_USER, listUsers, MOST_USERS, userNameOf, usersByClaim } from './users.ts';

const flagged = { type: FLAGGED_NAME, repeated: true } as const;

/** Names as WSO2's console lists them, with the row behind them that says whether there are more. */
function flaggedNames(names: readonly string[], most: number, selected: (name: string) => boolean): SoapValue {
  const shown = names.slice(0, most).map((name) => ({
    domainName: domainOf(name),
    editable: true,
    itemName: name,
    readOnly: false,
    roleType: name.startsWith('Internal/') ? 'Internal' : undefined,
    selected: selected(name),
    shared: false,
  }));
  const tail = { domainName: '', editable: false, itemName: String(names.length > most), readOnly: false };
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
  everything: (most: number) => Promise<readonly string[]>,
): Promise<SoapValue> {
  const folded = new Set(chosen.map(foldCase));
  const isChosen = (name: string): boolean => folded.has(foldCase(name));
  const wanted = pattern === '' ? '*' : pattern;
  if (limit === 0) {
    const fitting = chosen.filter((name) => matchesPattern(name, wanted));
    return flaggedNames(fitting, fitting.length, isChosen);
  }
  const most = limited(limit, MOST_USERS);
  return flaggedNames(await everything(most + 1), most, isChosen);
}

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
      return flaggedNames((await listUsers(call, nameFilter(call), most + 1)).map(userNameOf), most, nobody);
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
      return flaggedNames(
        await usersByClaim(call, uri, value),
        limited(call.given.whole('maxLimit'), MOST_USERS),
        nobody,
      );
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
        userName: given.text('userName'),
        password: given.text('password'),
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
      await setPassword(call, call.given.text('userName'), call.given.text('newPassword'));
      return undefined;
    },
  },
  {
    name: 'changePasswordByUser',
    parameters: [text('userName'), text('oldPassword'), text('newPassword')],
    requires: [['update', 'User']],
    async run(call) {
      const { given } = call;
      await changePassword(call, given.text('userName'), given.text('newPassword'), given.text('oldPassword'));
      return undefined;
    },
  },
  {
    name: 'addRole',
    parameters: [text('roleName'), texts('userList'), texts('permissions'), flag('isSharedRole')],
    requires: [['create', 'Group']],
    async run(call) {
      await addRole(call, call.given.text('roleName'), call.given.texts('userList'));
      return undefined;
    },
  },
  {
    name: 'addInternalRole',
    parameters: [text('roleName'), texts('userList'), texts('permissions')],
    requires: [['create', 'Group']],
    async run(call) {
      const roleName = call.given.text('roleName');
      const internal = /^internal\//i.test(roleName) ? roleName : `Internal/${roleName}`;
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
      const most = limited(call.given.whole('limit'), MOST_ROLES - 1);
      return most === 0 ? [] : flaggedNames(await roleNames(call, nameFilter(call), most + 1), most, nobody);
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
      return marked(members, pattern, call.given.whole('limit'), async (most) =>
        (await listUsers(call, pattern, most)).map(userNameOf),
      );
    },
  },
  {
    name: 'updateRolesOfUser',
    parameters: [text('userName'), texts('newRoleList')],
    requires: [['update', 'User']],
    async run(call) {
      const userName = call.given.text('userName');
      const wanted = call.given.texts('newRoleList');
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
    requires: [['update', 'User']],
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
