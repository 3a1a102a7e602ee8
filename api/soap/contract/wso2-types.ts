import { type ComplexType, flag, text, texts, whole } from './schema-types.ts';

/** Namespaces of WSO2's Java packages; clients generated from its descriptions have them compiled in. */
export const COMMON = 'http://common.mgt.user.carbon.wso2.org/xsd';
export const DAO = 'http://dao.service.ws.um.carbon.wso2.org/xsd';
export const API = 'http://api.user.carbon.wso2.org/xsd';
export const CORE = 'http://core.user.carbon.wso2.org/xsd';
export const TENANT = 'http://tenant.core.user.carbon.wso2.org/xsd';

export const CLAIM_VALUE: ComplexType = {
  namespace: COMMON,
  name: 'ClaimValue',
  fields: [text('claimURI'), text('value')],
};

export const CLAIM_DTO: ComplexType = {
  namespace: DAO,
  name: 'ClaimDTO',
  fields: [
    text('claimUri'),
    text('description'),
    text('dialectURI'),
    whole('displayOrder'),
    text('displayTag'),
    text('regEx'),
    flag('required'),
    flag('supportedByDefault'),
    text('value'),
  ],
};

export const PERMISSION_DTO: ComplexType = {
  namespace: DAO,
  name: 'PermissionDTO',
  fields: [text('action'), text('resourceId')],
};

export const FLAGGED_NAME: ComplexType = {
  namespace: COMMON,
  name: 'FlaggedName',
  fields: [
    text('dn'),
    text('domainName'),
    flag('editable'),
    text('itemDisplayName'),
    text('itemName'),
    flag('readOnly'),
    text('roleType'),
    flag('selected'),
    flag('shared'),
  ],
};

const USER_STORE_INFO: ComplexType = {
  namespace: COMMON,
  name: 'UserStoreInfo',
  fields: [
    flag('bulkImportSupported'),
    flag('caseSensitiveUsername'),
    text('domainName'),
    text('externalIdP'),
    whole('maxRoleLimit'),
    whole('maxUserLimit'),
    text('passwordRegEx'),
    text('passwordRegExViolationErrorMsg'),
    flag('passwordsExternallyManaged'),
    flag('readGroupsEnabled'),
    flag('readOnly'),
    text('roleNameRegEx'),
    text('userNameRegEx'),
    text('usernameRegExViolationErrorMsg'),
    flag('writeGroupsEnabled'),
  ],
};

export const USER_REALM_INFO: ComplexType = {
  namespace: COMMON,
  name: 'UserRealmInfo',
  fields: [
    text('adminRole'),
    text('adminUser'),
    flag('bulkImportSupported'),
    texts('defaultUserClaims'),
    texts('domainNames'),
    flag('enableUIPageCache'),
    text('everyOneRole'),
    whole('maxItemsPerUIPage'),
    whole('maxUIPagesInCache'),
    flag('multipleUserStore'),
    { name: 'primaryUserStoreInfo', type: USER_STORE_INFO },
    texts('requiredUserClaims'),
    texts('userClaims'),
    { name: 'userStoresInfo', type: USER_STORE_INFO, repeated: true },
  ],
};

/** A tree of permissions. */
export const UI_PERMISSION_NODE: ComplexType = {
  namespace: COMMON,
  name: 'UIPermissionNode',
  get fields() {
    return [
      text('displayName'),
      { name: 'nodeList', type: UI_PERMISSION_NODE, repeated: true },
      text('resourcePath'),
      flag('selected'),
    ];
  },
};

/** What a claim is; not what one user has of it. */
export const CLAIM: ComplexType = {
  namespace: API,
  name: 'Claim',
  fields: [
    flag('checkedAttribute'),
    text('claimUri'),
    text('description'),
    text('dialectURI'),
    whole('displayOrder'),
    text('displayTag'),
    flag('readOnly'),
    text('regEx'),
    flag('required'),
    flag('supportedByDefault'),
    text('value'),
  ],
};

export const CLAIM_MAPPING: ComplexType = {
  namespace: API,
  name: 'ClaimMapping',
  fields: [
    { name: 'claim', type: CLAIM },
    text('mappedAttribute'),
    text('mappedAttributeWithNoDomain'),
    texts('mappedAttributes'),
  ],
};

const AUTHENTICATION = 'http://authentication.services.core.carbon.wso2.org/xsd';

export const REMEMBER_ME_DATA: ComplexType = {
  namespace: AUTHENTICATION,
  name: 'RememberMeData',
  fields: [flag('authenticated'), whole('maxAge'), text('value')],
};

export const AUTHENTICATION_EXCEPTION: ComplexType = {
  namespace: 'http://common.core.carbon.wso2.org/xsd',
  name: 'AuthenticationException',
  fields: [],
};

const PROFILE = 'http://mgt.profile.user.identity.carbon.wso2.org/xsd';

const USER_FIELD_DTO: ComplexType = {
  namespace: PROFILE,
  name: 'UserFieldDTO',
  fields: [
    flag('checkedAttribute'),
    text('claimUri'),
    text('displayName'),
    whole('displayOrder'),
    text('fieldValue'),
    flag('readOnly'),
    text('regEx'),
    flag('required'),
  ],
};

export const USER_PROFILE_DTO: ComplexType = {
  namespace: PROFILE,
  name: 'UserProfileDTO',
  fields: [
    { name: 'fieldValues', type: USER_FIELD_DTO, repeated: true },
    texts('profileConfigurations'),
    // WSO2 spells it so.
    text('profileConifuration'),
    text('profileName'),
  ],
};

export const USER_PROFILE_EXCEPTION: ComplexType = { namespace: PROFILE, name: 'UserProfileException', fields: [] };

const COUNT = 'count.store.user.identity.carbon.wso2.org';

export const PAIR_DTO: ComplexType = {
  namespace: `http://dto.${COUNT}/xsd`,
  name: 'PairDTO',
  fields: [text('key'), text('value')],
};

export const USER_STORE_COUNTER_EXCEPTION: ComplexType = {
  namespace: `http://exception.${COUNT}/xsd`,
  name: 'UserStoreCounterException',
  fields: [],
};

/** Of the service's own namespace: an array within an array. */
export const arrayOfString = (namespace: string): ComplexType => ({
  namespace,
  name: 'ArrayOfString',
  fields: [texts('array')],
});

const REALM_CONFIGURATION: ComplexType = {
  namespace: API,
  name: 'RealmConfiguration',
  get fields() {
    return [
      text('addAdmin'),
      text('adminPassword'),
      text('adminRoleName'),
      text('adminUserName'),
      text('authorizationManagerClass'),
      texts('authzProperties'),
      text('description'),
      text('everyOneRoleName'),
      texts('multipleCredentialProps'),
      flag('passwordsExternallyManaged'),
      { name: 'persistedTimestamp', type: 'date' as const },
      flag('primary'),
      text('realmClassName'),
      texts('realmProperties'),
      { name: 'secondaryRealmConfig', type: REALM_CONFIGURATION },
      whole('tenantId'),
      text('userStoreClass'),
      texts('userStoreProperties'),
    ];
  },
};

const API_TENANT: ComplexType = {
  namespace: API,
  name: 'Tenant',
  fields: [
    flag('active'),
    text('adminFirstName'),
    text('adminFullName'),
    text('adminLastName'),
    text('adminName'),
    text('adminPassword'),
    { name: 'createdDate', type: 'date' },
    text('domain'),
    text('email'),
    whole('id'),
    { name: 'realmConfig', type: REALM_CONFIGURATION },
  ],
};

export const TENANT_TYPE: ComplexType = { namespace: TENANT, name: 'Tenant', base: API_TENANT, fields: [] };

const API_STORE_EXCEPTION: ComplexType = { namespace: API, name: 'UserStoreException', fields: [] };

export const USER_STORE_EXCEPTION: ComplexType = {
  namespace: CORE,
  name: 'UserStoreException',
  base: API_STORE_EXCEPTION,
  fields: [],
};

export const USER_ADMIN_EXCEPTION: ComplexType = {
  namespace: COMMON,
  name: 'UserAdminException',
  fields: [text('message')],
};
