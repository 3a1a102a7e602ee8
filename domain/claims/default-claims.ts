import { ENTERPRISE_USER_SCHEMA } from '../scim/resource.ts';
import { PROVOST_USER } from '../scim/schema/provost-user.ts';
import { type ClaimMapping, WSO2_DIALECT } from './claim-mapping.ts';

type Traits = Omit<ClaimMapping, 'claim' | 'attribute' | 'displayName'>;

const row = (name: string, attribute: string, displayName: string, traits: Traits = {}): ClaimMapping => ({
  claim: `${WSO2_DIALECT}/${name}`,
  attribute,
  displayName,
  ...traits,
});

const readOnly: Traits = { readOnly: true };
const many: Traits = { multiValued: true };
const shown = (displayOrder: number, traits: Traits = {}): Traits => ({
  displayOrder,
  supportedByDefault: true,
  ...traits,
});
const enterprise = (name: string): string => `${ENTERPRISE_USER_SCHEMA}:${name}`;
const provost = (name: string): string => `${PROVOST_USER.id}:${name}`;

/**
 * The claims of WSO2 Identity Server's local dialect that a SCIM user has an attribute for. Of its identity claims those
 * that say how an account stands; the others (recovery, one-time passwords) are of a login that does not happen here.
 */
export const DEFAULT_CLAIMS: readonly ClaimMapping[] = [
  row('username', 'userName', 'Username', { required: true, readOnly: true }),
  row('userid', 'id', 'User ID', readOnly),
  row('externalid', 'externalId', 'External User ID'),
  row('created', 'meta.created', 'Created Time', readOnly),
  row('modified', 'meta.lastModified', 'Last Modified Time', readOnly),
  row('resourceType', 'meta.resourceType', 'Resource Type', readOnly),

  row('givenname', 'name.givenName', 'First Name', shown(1)),
  row('lastname', 'name.familyName', 'Last Name', shown(2, { required: true })),
  row('formattedName', 'name.formatted', 'Name - Formatted Name'),
  row('middleName', 'name.middleName', 'Middle Name'),
  row('honorificPrefix', 'name.honorificPrefix', 'Name - Honorific Prefix'),
  row('honorificSuffix', 'name.honorificSuffix', 'Name - Honorific Suffix'),
  row('displayName', 'displayName', 'Display Name'),
  row('fullname', 'name.formatted', 'Full Name'),
  row('nickname', 'nickName', 'Nick Name'),
  row('url', 'profileUrl', 'URL', shown(10)),
  row('title', 'title', 'Title'),
  row('userType', 'userType', 'User Type'),
  row('preferredLanguage', 'preferredLanguage', 'Preferred Language'),
  row('local', 'locale', 'Local'),
  row('timeZone', 'timezone', 'Time Zone'),
  row('active', 'active', 'Active'),
  row('identity/accountDisabled', 'active', 'Account Disabled', { negated: true }),
  row('identity/accountLocked', provost('accountLocked'), 'Account Locked'),
  row('identity/emailVerified', provost('emailVerified'), 'Email Verified'),
  row('identity/failedLoginAttempts', provost('failedLoginAttempts'), 'Failed Login Attempts'),

  row('dob', provost('dateOfBirth'), 'Birth Date'),
  row('gender', provost('gender'), 'Gender'),

  row('emailaddress', 'emails.value', 'Email', shown(6, { required: true })),
  row('emailAddresses', 'emails.value', 'Email Addresses', many),
  row('emails.work', 'emails[type eq "work"].value', 'Emails - Work Email'),
  row('emails.home', 'emails[type eq "home"].value', 'Emails - Home Email'),
  row('emails.other', 'emails[type eq "other"].value', 'Emails - Other Email'),

  row('mobile', 'phoneNumbers[type eq "mobile"].value', 'Mobile', shown(8)),
  row('mobileNumbers', 'phoneNumbers[type eq "mobile"].value', 'Mobile Numbers', many),
  row('telephone', 'phoneNumbers[type eq "work"].value', 'Telephone', shown(7)),
  row('phoneNumbers', 'phoneNumbers.value', 'Phone Numbers', many),
  row('phoneNumbers.work', 'phoneNumbers[type eq "work"].value', 'Phone Numbers - Work Phone Number'),
  row('phoneNumbers.home', 'phoneNumbers[type eq "home"].value', 'Phone Numbers - Home Phone Number'),
  row('phoneNumbers.fax', 'phoneNumbers[type eq "fax"].value', 'Phone Numbers - Fax Number'),
  row('phoneNumbers.pager', 'phoneNumbers[type eq "pager"].value', 'Phone Numbers - Pager Number'),
  row('otherphone', 'phoneNumbers[type eq "other"].value', 'Other Phone'),
  row('fax', 'phoneNumbers[type eq "fax"].value', 'Fax'),
  row('pager', 'phoneNumbers[type eq "pager"].value', 'Pager'),
  row('phoneNumbers.other', 'phoneNumbers[type eq "other"].value', 'Phone Numbers - Other'),

  row('im', 'ims.value', 'IM', shown(9)),
  row('gtalk', 'ims[type eq "gtalk"].value', 'IM - Gtalk'),
  row('skype', 'ims[type eq "skype"].value', 'IM - Skype'),

  row('photos', 'photos.value', 'Photo', many),
  row('photourl', 'photos[type eq "photo"].value', 'Photo URL'),
  row('thumbnail', 'photos[type eq "thumbnail"].value', 'Photo - Thumbnail'),

  row('addresses', 'addresses.formatted', 'Address'),
  row('addresses.formatted', 'addresses[type eq "home"].formatted', 'Address - Formatted'),
  row('streetaddress', 'addresses[type eq "home"].streetAddress', 'Address - Street'),
  row('addresses.locality', 'addresses[type eq "home"].locality', 'Address - Locality'),
  row('locality', 'addresses[type eq "home"].locality', 'Locality'),
  row('region', 'addresses[type eq "home"].region', 'Region'),
  row('stateorprovince', 'addresses[type eq "home"].region', 'State'),
  row('postalcode', 'addresses[type eq "home"].postalCode', 'Postal Code'),
  row('country', 'addresses[type eq "home"].country', 'Country', shown(5)),

  row('groups', 'groups.display', 'Groups', { multiValued: true, readOnly: true }),
  row('role', 'groups.display', 'Role', { multiValued: true, readOnly: true }),
  row('roles', 'roles.value', 'Roles', many),
  row('entitlements', 'entitlements.value', 'Entitlements', many),
  row('x509Certificates', 'x509Certificates.value', 'X509 Certificates', many),

  row('employeeNumber', enterprise('employeeNumber'), 'Employee Number'),
  row('costCenter', enterprise('costCenter'), 'Cost Center'),
  row('organization', enterprise('organization'), 'Organization', shown(3)),
  row('division', enterprise('division'), 'Division'),
  row('department', enterprise('department'), 'Department'),
  row('manager', enterprise('manager.value'), 'Manager'),
  row('manager.displayName', enterprise('manager.displayName'), 'Manager - Display Name', readOnly),
];
