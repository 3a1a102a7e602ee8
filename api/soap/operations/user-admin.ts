import { foldCase } from '../../../domain/scim/fold-case.ts';
import type { Call } from '../call.ts';
import type { Operation } from '../contract/operation.ts';
import { flag, text, texts, whole } from '../contract/schema-types.ts';
import { CLAIM_VALUE, FLAGGED_NAME } from '../contract/wso2-types.ts';
import { EVERYONE, isEveryone } from '../find/find-role.ts';
import { addUser } from './add-user.ts';
import { claimValuesOf } from './claim-writes.ts';
import { changePassword, setPassword } from './credentials.ts';
import { atMost, flagged, flaggedNames, limited, marked, type Names } from './flagged-names.ts';
import { requireDefaultProfile } from './profile.ts';
import { rolesOf } from './role-members.ts';
import { MOST_ROLES, roleNames } from './role-names.ts';
import { DELETE_ROLE, MEMBERSHIP, UPDATE_ROLE_NAME } from './role-operations.ts';
import { addRole, changeRolesOfUser, changeUsersOfRole, roleNamesOf, userNamesOf } from './roles.ts';
import { DELETE_USER, listUsers, MOST_USERS, userNameOf, usersByClaim } from './users.ts';

export const userNames = async (call: Call, pattern: string, most: number): Promise<Names> =>
  atMost((await listUsers(call, pattern, most + 1)).map(userNameOf), most);

export const nameFilter = (call: Call): string => call.given.optionalText('filter') ?? '*';

/**
 * WSO2's service for its own console: users, passwords, roles. What the console shows of itself is in user-admin-realm.ts,
 * permissions are in user-admin-permissions.ts.
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
        claims: claimValuesOf(given.objects('claims')),
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
    name: 'updateUsersOfRole',
    parameters: [text('roleName'), { name: 'userList', type: FLAGGED_NAME, repeated: true }],
    requires: [['update', 'Group']],
    async run(call) {
      const roleName = call.given.text('roleName');
      const held = new Set((await userNamesOf(call, roleName)).map(foldCase));
      // A row of the console's list: who is selected is a member afterwards, who is not is none, and others stay.
      const rows = call.given.objects('userList').map((row) => ({
        name: row.text('itemName'),
        selected: row.flag('selected') ?? false,
      }));
      const wanted = rows.filter(({ name, selected }) => held.has(foldCase(name)) !== selected);
      await changeUsersOfRole(call, roleName, {
        leave: wanted.filter(({ selected }) => !selected).map(({ name }) => name),
        join: wanted.filter(({ selected }) => selected).map(({ name }) => name),
      });
      return undefined;
    },
  },
  {
    name: 'getRolesOfCurrentUser',
    parameters: [],
    returns: flagged,
    requires: [],
    async run(call) {
      const { user } = call.principal;
      const held = user === undefined ? [] : (await rolesOf(call, user)).map(({ name }) => name);
      return flaggedNames({ names: [EVERYONE, ...held], hasMore: false }, () => true);
    },
  },
  {
    name: 'getAllSharedRoleNames',
    parameters: [text('filter'), whole('limit')],
    returns: flagged,
    requires: [['view', 'Group']],
    // WSO2 lists all of them too, each marked as not shared, where roles are not shared between tenants.
    run: async (call) =>
      flaggedNames(await roleNames(call, nameFilter(call), limited(call.given.whole('limit'), MOST_ROLES))),
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
