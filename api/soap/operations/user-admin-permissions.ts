import type { Call } from '../call.ts';
import type { Operation } from '../contract/operation.ts';
import { text, texts, whole } from '../contract/schema-types.ts';
import { CLAIM_VALUE, UI_PERMISSION_NODE } from '../contract/wso2-types.ts';
import { findRole, isEveryone } from '../find/find-role.ts';
import { noPermissionsOfRoles, PERMISSION_TREE } from '../permissions.ts';
import { flagged } from './flagged-names.ts';

/** Who has a permission: nobody, and no role, since they carry none. */
const nobodyHasIt = {
  returns: flagged,
  async run({ given }: Call) {
    given.text('permission');
    return [];
  },
};

async function requireRole(call: Call): Promise<void> {
  const roleName = call.given.text('roleName');
  if (!isEveryone(roleName)) await findRole(call, roleName);
}

export const PERMISSION_OPERATIONS: readonly Operation[] = [
  {
    name: 'listAllUsersWithPermission',
    parameters: [text('filter'), text('permission'), whole('limit')],
    requires: [['list', 'User']],
    ...nobodyHasIt,
  },
  {
    name: 'listUserByClaimWithPermission',
    parameters: [{ name: 'claimValue', type: CLAIM_VALUE }, text('filter'), text('permission'), whole('maxLimit')],
    requires: [['list', 'User']],
    ...nobodyHasIt,
  },
  {
    name: 'getAllPermittedRoleNames',
    parameters: [text('filter'), text('permission'), whole('limit')],
    requires: [['view', 'Group']],
    ...nobodyHasIt,
  },
  {
    name: 'getAllUIPermissions',
    parameters: [],
    returns: { type: UI_PERMISSION_NODE },
    requires: [['view', 'Group']],
    run: async () => PERMISSION_TREE,
  },
  {
    name: 'getRolePermissions',
    parameters: [text('roleName')],
    returns: { type: UI_PERMISSION_NODE },
    requires: [['view', 'Group']],
    async run(call) {
      await requireRole(call);
      return PERMISSION_TREE;
    },
  },
  {
    name: 'setRoleUIPermission',
    parameters: [text('roleName'), texts('rawResources')],
    requires: [['update', 'Group']],
    async run(call) {
      await requireRole(call);
      // To have none is what a role has.
      if (call.given.texts('rawResources').length > 0) throw noPermissionsOfRoles();
      return undefined;
    },
  },
];
