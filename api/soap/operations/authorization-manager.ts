import type { Operation } from '../contract/operation.ts';
import type { Field } from '../contract/schema-types.ts';
import { text } from '../contract/schema-types.ts';
import { noPermissionsOfRoles } from '../permissions.ts';

const RESOURCE = [text('resourceId'), text('action')];
const OF_ROLE = [text('roleName'), ...RESOURCE];
const OF_USER = [text('userName'), ...RESOURCE];

/**
 * WSO2's permissions of roles and users. Here they carry none, so a question is answered by no, or nobody; taking away
 * leaves what is to be left, nothing; and giving or denying is a fault, because nothing could hold it.
 */
export const AUTHORIZATION_OPERATIONS: readonly Operation[] = [
  asked('isRoleAuthorized', OF_ROLE),
  asked('isUserAuthorized', OF_USER),
  listed('getAllowedRolesForResource', RESOURCE),
  listed('getDeniedRolesForResource', RESOURCE),
  listed('getExplicitlyAllowedUsersForResource', RESOURCE),
  listed('getExplicitlyDeniedUsersForResource', RESOURCE),
  listed('getAllowedUIResourcesForUser', [text('userName'), text('permissionRootPath')]),
  listed('getAllowedUIResourcesForRole', [text('roleName'), text('permissionRootPath')]),
  refused('authorizeRole', OF_ROLE),
  refused('authorizeUser', OF_USER),
  refused('denyRole', OF_ROLE),
  refused('denyUser', OF_USER),
  cleared('clearRoleAuthorization', OF_ROLE),
  cleared('clearUserAuthorization', OF_USER),
  cleared('clearAllRoleAuthorization', [text('roleName')]),
  cleared('clearAllUserAuthorization', [text('userName')]),
  cleared('clearRoleActionOnAllResources', [text('roleName'), text('action')]),
  cleared('clearResourceAuthorizations', [text('resourceId')]),
  cleared('refreshAllowedRolesForResource', [text('resourceId')]),
  cleared('resetPermissionOnUpdateRole', [text('roleName'), text('newRoleName')]),
];

function asked(name: string, parameters: readonly Field[]): Operation {
  return { name, parameters, returns: { type: 'boolean' }, requires: [['view', 'Group']], run: async () => false };
}

function listed(name: string, parameters: readonly Field[]): Operation {
  return {
    name,
    parameters,
    returns: { type: 'string', repeated: true },
    requires: [['view', 'Group']],
    run: async () => [],
  };
}

function refused(name: string, parameters: readonly Field[]): Operation {
  return {
    name,
    parameters,
    requires: [['update', 'Group']],
    async run() {
      throw noPermissionsOfRoles();
    },
  };
}

function cleared(name: string, parameters: readonly Field[]): Operation {
  return { name, parameters, requires: [['update', 'Group']], run: async () => undefined };
}
