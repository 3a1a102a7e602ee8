import { PRIMARY_STORE } from '../../../domain/policy.ts';
import type { Operation } from '../contract/operation.ts';
import { USER_REALM_INFO } from '../contract/wso2-types.ts';
import { EVERYONE } from '../find/find-role.ts';
import { MOST_ROLES } from './role-names.ts';
import { MOST_USERS } from './users.ts';

/** What WSO2's console asks before it shows its forms. There is no administrator's role, nor such a user. */
export const REALM_OPERATIONS: readonly Operation[] = [
  {
    name: 'getUserRealmInfo',
    parameters: [],
    returns: { type: USER_REALM_INFO },
    requires: [['view', 'User']],
    async run({ claims, serviceProvider }) {
      const mappings = [...claims.values()].map(({ mapping }) => mapping);
      const urisOf = (chosen: typeof mappings) => chosen.map(({ claim }) => claim);
      const store = {
        ...STORE,
        domainName: serviceProvider.userStore,
        maxRoleLimit: MOST_ROLES,
        maxUserLimit: MOST_USERS,
      };
      return {
        bulkImportSupported: true,
        defaultUserClaims: urisOf(mappings.filter(({ supportedByDefault }) => supportedByDefault === true)),
        domainNames: [...new Set([PRIMARY_STORE, serviceProvider.userStore])],
        enableUIPageCache: false,
        everyOneRole: EVERYONE,
        maxItemsPerUIPage: 15,
        maxUIPagesInCache: 6,
        multipleUserStore: false,
        primaryUserStoreInfo: store,
        requiredUserClaims: urisOf(mappings.filter(({ required }) => required === true)),
        userClaims: urisOf(mappings),
        userStoresInfo: [store],
      };
    },
  },
];

const STORE = {
  bulkImportSupported: true,
  caseSensitiveUsername: false,
  passwordsExternallyManaged: false,
  readGroupsEnabled: true,
  readOnly: false,
  writeGroupsEnabled: true,
  // What names and passwords have to be, as a regular expression of Java.
  passwordRegEx: '(?s).+',
  roleNameRegEx: '[^\\p{Cntrl}]+',
  userNameRegEx: '[^\\p{Cntrl}]+',
};
