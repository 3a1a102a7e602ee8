import { CLAIM_SEPARATOR } from '../../../domain/claims/claim-mapping.ts';
import type { Operation } from '../contract/operation.ts';
import { text } from '../contract/schema-types.ts';
import { arrayOfString, TENANT_TYPE } from '../contract/wso2-types.ts';
import { existingUser } from '../find/find-user.ts';
import { DEFAULT_PROFILE } from './profile.ts';
import { MOST_ROLES } from './role-names.ts';
import { MOST_USERS, numberOf, requirePlatform } from './users.ts';

/** What WSO2's clients ask about the store itself. @param namespace of the service's own types */
export const storeOperations = (namespace: string): readonly Operation[] => [
  {
    name: 'getProfileNames',
    parameters: [text('userName')],
    returns: { type: 'string', repeated: true },
    requires: [['view', 'User']],
    async run(call) {
      await existingUser(call, call.given.text('userName'));
      return [DEFAULT_PROFILE];
    },
  },
  {
    name: 'getAllProfileNames',
    parameters: [],
    returns: { type: 'string', repeated: true },
    requires: [['view', 'User']],
    run: async () => [DEFAULT_PROFILE],
  },
  {
    name: 'getTenantId',
    parameters: [],
    returns: { type: 'int' },
    requires: [['view', 'User']],
    run: async (call) => numberOf(call.principal.tenant),
  },
  {
    name: 'isReadOnly',
    parameters: [],
    returns: { type: 'boolean' },
    requires: [['view', 'User']],
    run: async () => false,
  },
  {
    name: 'getProperties',
    parameters: [{ name: 'tenant', type: TENANT_TYPE }],
    returns: { type: arrayOfString(namespace), repeated: true },
    requires: [['view', 'User']],
    async run(call) {
      requirePlatform(call);
      return Object.entries(PROPERTIES).map((pair) => ({ array: pair }));
    },
  },
];

/** Of WSO2's properties of a JDBC store, those that mean something here. */
const PROPERTIES: Readonly<Record<string, string>> = {
  ReadGroups: 'true',
  WriteGroups: 'true',
  CaseInsensitiveUsername: 'true',
  MultiAttributeSeparator: CLAIM_SEPARATOR,
  MaxUserNameListLength: String(MOST_USERS),
  MaxRoleNameListLength: String(MOST_ROLES),
};
