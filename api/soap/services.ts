import type { Service } from './contract/operation.ts';
import {
  AUTHENTICATION_EXCEPTION,
  USER_ADMIN_EXCEPTION,
  USER_PROFILE_EXCEPTION,
  USER_STORE_COUNTER_EXCEPTION,
  USER_STORE_EXCEPTION,
} from './contract/wso2-types.ts';
import { AUTHENTICATION_OPERATIONS } from './operations/authentication-admin.ts';
import { AUTHORIZATION_OPERATIONS } from './operations/authorization-manager.ts';
import { BULK_IMPORT_USERS } from './operations/bulk-import.ts';
import { CLAIM_MANAGER_OPERATIONS } from './operations/claim-manager.ts';
import { CLAIM_OPERATIONS } from './operations/claims.ts';
import { CREDENTIAL_OPERATIONS } from './operations/credentials.ts';
import { ROLE_OPERATIONS } from './operations/role-operations.ts';
import { storeOperations } from './operations/store-operations.ts';
import { TENANT_OPERATIONS } from './operations/tenant-manager.ts';
import { USER_ADMIN_OPERATIONS } from './operations/user-admin.ts';
import { PERMISSION_OPERATIONS } from './operations/user-admin-permissions.ts';
import { REALM_OPERATIONS } from './operations/user-admin-realm.ts';
import { PROFILE_OPERATIONS } from './operations/user-profile.ts';
import { COUNT_OPERATIONS } from './operations/user-store-count.ts';
import { USER_OPERATIONS } from './operations/users.ts';

const USER_STORE = 'http://service.ws.um.carbon.wso2.org';

const userStoreManager = (name: string, voidAnswer: Service['voidAnswer']): Service => ({
  name,
  namespace: USER_STORE,
  elements: USER_STORE,
  fault: { element: `${name}UserStoreException`, type: USER_STORE_EXCEPTION },
  voidAnswer,
  operations: [
    ...USER_OPERATIONS,
    ...CREDENTIAL_OPERATIONS,
    ...CLAIM_OPERATIONS,
    ...ROLE_OPERATIONS,
    ...storeOperations(USER_STORE),
  ],
});

/** A service beside the first, in its namespace. */
const remote = (name: string, element: string, operations: Service['operations']): Service => ({
  name,
  namespace: USER_STORE,
  elements: USER_STORE,
  fault: { element, type: USER_STORE_EXCEPTION },
  voidAnswer: 'empty',
  operations,
});

/** The web services of WSO2 Identity Server that its provisioning clients call. */
export const SERVICES: readonly Service[] = [
  userStoreManager('RemoteUserStoreManagerService', 'empty'),
  userStoreManager('RemoteUserStoreManagerServiceV2', 'true'),
  {
    name: 'UserAdmin',
    namespace: 'http://mgt.user.carbon.wso2.org',
    elements: 'http://org.apache.axis2/xsd',
    fault: { element: 'UserAdminUserAdminException', type: USER_ADMIN_EXCEPTION },
    voidAnswer: 'empty',
    operations: [...USER_ADMIN_OPERATIONS, ...REALM_OPERATIONS, ...PERMISSION_OPERATIONS, BULK_IMPORT_USERS],
  },
  {
    name: 'AuthenticationAdmin',
    namespace: 'http://authentication.services.core.carbon.wso2.org',
    elements: 'http://authentication.services.core.carbon.wso2.org',
    fault: { element: 'AuthenticationAdminAuthenticationException', type: AUTHENTICATION_EXCEPTION },
    voidAnswer: 'empty',
    operations: AUTHENTICATION_OPERATIONS,
    isOpen: true,
  },
  {
    name: 'UserProfileMgtService',
    namespace: 'http://mgt.profile.user.identity.carbon.wso2.org',
    elements: 'http://mgt.profile.user.identity.carbon.wso2.org',
    fault: { element: 'UserProfileMgtServiceUserProfileException', type: USER_PROFILE_EXCEPTION },
    voidAnswer: 'empty',
    operations: PROFILE_OPERATIONS,
  },
  remote('RemoteClaimManagerService', 'RemoteClaimManagerServiceUserStoreException', CLAIM_MANAGER_OPERATIONS),
  remote('RemoteAuthorizationManagerService', 'UserStoreException', AUTHORIZATION_OPERATIONS),
  remote('RemoteTenantManagerService', 'UserStoreException', TENANT_OPERATIONS),
  {
    name: 'UserStoreCountService',
    namespace: 'http://count.store.user.identity.carbon.wso2.org',
    elements: 'http://count.store.user.identity.carbon.wso2.org',
    fault: { element: 'UserStoreCountServiceUserStoreCounterException', type: USER_STORE_COUNTER_EXCEPTION },
    voidAnswer: 'empty',
    operations: COUNT_OPERATIONS,
  },
];
