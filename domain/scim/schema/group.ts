import { GROUP_SCHEMA } from '../resource.ts';
import { defineAttribute, type SchemaDefinition } from './definition.ts';

/**
 * The Group schema (RFC 7643 §4.2 and §8.7.1). `displayName` is required as §4.2 says (the JSON of §8.7.1 says false);
 * names are unique, as in every directory that roles and groups are addressed by name in; `members` has `display` by
 * §2.4, computed from `value`, hence readOnly. `$ref` may be sent, and is computed all the same.
 */
export const GROUP: SchemaDefinition = {
  id: GROUP_SCHEMA,
  name: 'Group',
  description: 'Group',
  attributes: [
    defineAttribute('displayName', 'A human-readable name for the Group. REQUIRED.', {
      required: true,
      uniqueness: 'server',
    }),
    defineAttribute('members', 'A list of members of the Group.', {
      type: 'complex',
      multiValued: true,
      subAttributes: [
        defineAttribute('value', 'Identifier of the member of this Group.', { mutability: 'immutable' }),
        defineAttribute('$ref', 'The URI corresponding to a SCIM resource that is a member of this Group.', {
          type: 'reference',
          referenceTypes: ['User', 'Group'],
          mutability: 'immutable',
        }),
        defineAttribute('display', 'A human-readable name for the member.', { mutability: 'readOnly' }),
        defineAttribute('type', "A label indicating the type of resource, e.g., 'User' or 'Group'.", {
          canonicalValues: ['User', 'Group'],
          mutability: 'immutable',
        }),
      ],
    }),
  ],
};
