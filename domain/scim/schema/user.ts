import { USER_SCHEMA } from '../resource.ts';
import {
  type AttributeDefinition,
  type AttributeTraits,
  defineAttribute,
  type SchemaDefinition,
} from './definition.ts';

const complex = (
  name: string,
  description: string,
  subAttributes: readonly AttributeDefinition[],
  traits: AttributeTraits = {},
): AttributeDefinition => defineAttribute(name, description, { type: 'complex', subAttributes, ...traits });

const primary = defineAttribute(
  'primary',
  "A Boolean value indicating the 'primary' or preferred attribute value for this attribute. The primary attribute value 'true' MUST appear no more than once.",
  { type: 'boolean' },
);

const display = defineAttribute('display', 'A human-readable name, primarily used for display purposes. READ-ONLY.');

/** The default sub-attributes of a multi-valued attribute (RFC 7643 §2.4). */
const plural = (
  name: string,
  description: string,
  value: AttributeDefinition,
  canonicalTypes?: readonly string[],
): AttributeDefinition =>
  complex(
    name,
    description,
    [
      value,
      display,
      defineAttribute(
        'type',
        "A label indicating the attribute's function.",
        canonicalTypes === undefined ? {} : { canonicalValues: canonicalTypes },
      ),
      primary,
    ],
    { multiValued: true },
  );

const name = complex('name', "The components of the user's real name.", [
  defineAttribute(
    'formatted',
    'The full name, including all middle names, titles, and suffixes as appropriate, formatted for display (e.g., "Ms. Barbara J Jensen, III").',
  ),
  defineAttribute('familyName', 'The family name of the User, or last name in most Western languages.'),
  defineAttribute('givenName', 'The given name of the User, or first name in most Western languages.'),
  defineAttribute('middleName', 'The middle name(s) of the User.'),
  defineAttribute('honorificPrefix', 'The honorific prefix(es) of the User, or title in most Western languages.'),
  defineAttribute('honorificSuffix', 'The honorific suffix(es) of the User, or suffix in most Western languages.'),
]);

const addresses = complex(
  'addresses',
  'A physical mailing address for this User.',
  [
    defineAttribute(
      'formatted',
      'The full mailing address, formatted for display or use with a mailing label. This attribute MAY contain newlines.',
    ),
    defineAttribute('streetAddress', 'The full street address component. This attribute MAY contain newlines.'),
    defineAttribute('locality', 'The city or locality component.'),
    defineAttribute('region', 'The state or region component.'),
    defineAttribute('postalCode', 'The zip code or postal code component.'),
    defineAttribute('country', 'The country name component, as an ISO 3166-1 alpha-2 code.'),
    defineAttribute('type', "A label indicating the attribute's function, e.g., 'work' or 'home'.", {
      canonicalValues: ['work', 'home', 'other'],
    }),
    primary,
  ],
  { multiValued: true },
);

const groups = complex(
  'groups',
  'The groups to which the user belongs, either through direct membership, through nested groups, or dynamically calculated.',
  [
    defineAttribute('value', "The identifier of the User's group.", { mutability: 'readOnly' }),
    defineAttribute('$ref', "The URI of the corresponding 'Group' resource to which the user belongs.", {
      type: 'reference',
      referenceTypes: ['User', 'Group'],
      mutability: 'readOnly',
    }),
    defineAttribute('display', 'A human-readable name, primarily used for display purposes. READ-ONLY.', {
      mutability: 'readOnly',
    }),
    defineAttribute('type', "A label indicating the attribute's function, e.g., 'direct' or 'indirect'.", {
      canonicalValues: ['direct', 'indirect'],
      mutability: 'readOnly',
    }),
  ],
  { multiValued: true, mutability: 'readOnly' },
);

/**
 * The User schema (RFC 7643 §4.1 and §8.7.1). It differs from the RFC's JSON where that contradicts the RFC's own text:
 * `addresses` has `primary` (§2.4 and the example of §8.2), a certificate's base64 is compared exactly (§2.3.6).
 */
export const USER: SchemaDefinition = {
  id: USER_SCHEMA,
  name: 'User',
  description: 'User Account',
  attributes: [
    defineAttribute(
      'userName',
      "Unique identifier for the User, typically used by the user to directly authenticate to the service provider. Each User MUST include a non-empty userName value. This identifier MUST be unique across the service provider's entire set of Users. REQUIRED.",
      { required: true, uniqueness: 'server' },
    ),
    name,
    defineAttribute(
      'displayName',
      'The name of the User, suitable for display to end-users. The name SHOULD be the full name of the User being described, if known.',
    ),
    defineAttribute('nickName', 'The casual way to address the user in real life, e.g., "Bob" instead of "Robert".'),
    defineAttribute('profileUrl', "A fully qualified URL pointing to a page representing the User's online profile.", {
      type: 'reference',
      referenceTypes: ['external'],
    }),
    defineAttribute('title', 'The user\'s title, such as "Vice President".'),
    defineAttribute(
      'userType',
      "Used to identify the relationship between the organization and the user. Typical values might be 'Contractor', 'Employee', 'Intern', 'Temp', 'External', and 'Unknown', but any value may be used.",
    ),
    defineAttribute(
      'preferredLanguage',
      "Indicates the User's preferred written or spoken language. Generally used for selecting a localized user interface; e.g., 'en_US' specifies the language English and country US.",
    ),
    defineAttribute(
      'locale',
      "Used to indicate the User's default location for purposes of localizing items such as currency, date time format, or numerical representations.",
    ),
    defineAttribute(
      'timezone',
      "The User's time zone in the 'Olson' time zone database format, e.g., 'America/Los_Angeles'.",
    ),
    defineAttribute('active', "A Boolean value indicating the User's administrative status.", { type: 'boolean' }),
    defineAttribute(
      'password',
      "The User's cleartext password. This attribute is intended to be used as a means to specify an initial password when creating a new User or to reset an existing User's password.",
      { mutability: 'writeOnly', returned: 'never' },
    ),
    plural(
      'emails',
      "Email addresses for the user. The value SHOULD be canonicalized by the service provider, e.g., 'bjensen@example.com' instead of 'bjensen@EXAMPLE.COM'.",
      defineAttribute('value', 'Email address of the user.'),
      ['work', 'home', 'other'],
    ),
    plural(
      'phoneNumbers',
      "Phone numbers for the User. The value SHOULD be canonicalized by the service provider according to the format specified in RFC 3966, e.g., 'tel:+1-201-555-0123'.",
      defineAttribute('value', 'Phone number of the User.'),
      ['work', 'home', 'mobile', 'fax', 'pager', 'other'],
    ),
    plural('ims', 'Instant messaging addresses for the User.', defineAttribute('value', 'Instant messaging address.'), [
      'aim',
      'gtalk',
      'icq',
      'xmpp',
      'msn',
      'skype',
      'qq',
      'yahoo',
    ]),
    plural(
      'photos',
      'URLs of photos of the User.',
      defineAttribute('value', 'URL of a photo of the User.', { type: 'reference', referenceTypes: ['external'] }),
      ['photo', 'thumbnail'],
    ),
    addresses,
    groups,
    plural(
      'entitlements',
      'A list of entitlements for the User that represent a thing the User has.',
      defineAttribute('value', 'The value of an entitlement.'),
    ),
    plural(
      'roles',
      "A list of roles for the User that collectively represent who the User is, e.g., 'Student', 'Faculty'.",
      defineAttribute('value', 'The value of a role.'),
    ),
    plural(
      'x509Certificates',
      'A list of certificates issued to the User.',
      defineAttribute('value', 'The value of an X.509 certificate.', { type: 'binary', caseExact: true }),
    ),
  ],
};
