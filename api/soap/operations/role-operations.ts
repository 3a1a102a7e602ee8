import type { Operation } from '../contract/operation.ts';
import { text, texts } from '../contract/schema-types.ts';
import { PERMISSION_DTO } from '../contract/wso2-types.ts';
import { isEveryone, rolesNamed } from '../find/find-role.ts';
import { hasName } from '../find/store-name.ts';
import { roleNames } from './role-names.ts';
import {
  addRole,
  changeRolesOfUser,
  changeUsersOfRole,
  deleteRole,
  renameRole,
  roleNamesOf,
  userNamesOf,
} from './roles.ts';

/** A role of a user is a membership of its group: who may change one by SCIM may by SOAP, and nobody else. */
export const MEMBERSHIP: Operation['requires'] = [['update', 'Group']];

export const DELETE_ROLE: Operation = {
  name: 'deleteRole',
  parameters: [text('roleName')],
  requires: [['delete', 'Group']],
  async run(call) {
    await deleteRole(call, call.given.text('roleName'));
    return undefined;
  },
};

export const UPDATE_ROLE_NAME: Operation = {
  name: 'updateRoleName',
  parameters: [text('roleName'), text('newRoleName')],
  requires: [['update', 'Group']],
  async run(call) {
    await renameRole(call, call.given.text('roleName'), call.given.text('newRoleName'));
    return undefined;
  },
};

/** Roles are groups. Permissions of a role are WSO2's own and are taken without effect. */
export const ROLE_OPERATIONS: readonly Operation[] = [
  {
    name: 'addRole',
    parameters: [text('roleName'), texts('userList'), { name: 'permissions', type: PERMISSION_DTO, repeated: true }],
    requires: [['create', 'Group']],
    async run(call) {
      await addRole(call, call.given.plain('roleName'), call.given.texts('userList'));
      return undefined;
    },
  },
  DELETE_ROLE,
  UPDATE_ROLE_NAME,
  {
    name: 'updateRoleListOfUser',
    parameters: [text('userName'), texts('deletedRoles'), texts('newRoles')],
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
    name: 'updateUserListOfRole',
    parameters: [text('roleName'), texts('deletedUsers'), texts('newUsers')],
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
    name: 'getRoleListOfUser',
    parameters: [text('userName')],
    returns: { type: 'string', repeated: true },
    requires: [['view', 'Group']],
    run: (call) => roleNamesOf(call, call.given.text('userName')),
  },
  {
    name: 'getUserListOfRole',
    parameters: [text('roleName')],
    returns: { type: 'string', repeated: true },
    requires: [['view', 'Group']],
    run: (call) => userNamesOf(call, call.given.text('roleName')),
  },
  {
    name: 'isExistingRole',
    parameters: [text('roleName')],
    returns: { type: 'boolean' },
    requires: [['view', 'Group']],
    async run(call) {
      const roleName = call.given.text('roleName');
      return isEveryone(roleName) || (hasName(roleName) && (await rolesNamed(call, roleName)).length > 0);
    },
  },
  {
    name: 'getRoleNames',
    parameters: [],
    returns: { type: 'string', repeated: true },
    requires: [['view', 'User']],
    run: async (call) => (await roleNames(call, '*')).names,
  },
  {
    name: 'getHybridRoles',
    parameters: [],
    returns: { type: 'string', repeated: true },
    requires: [['view', 'Group']],
    async run(call) {
      const [applications, internal] = await Promise.all(
        ['Application/*', 'Internal/*'].map((pattern) => roleNames(call, pattern)),
      );
      return [...(applications?.names ?? []), ...(internal?.names ?? [])];
    },
  },
];
