import { type AttributeTraits, defineAttribute, type ResourceTypeDefinition } from './definition.ts';

const readOnly = (name: string, description: string, traits: AttributeTraits = {}) =>
  defineAttribute(name, description, { mutability: 'readOnly', ...traits });

/** What can be assigned to users (draft-ietf-scim-roles-entitlements-01): read, never written. */
function assignable(name: 'Role' | 'Entitlement', endpoint: string): ResourceTypeDefinition {
  const noun = name.toLowerCase();
  return {
    id: name,
    name,
    endpoint,
    description: `A value of the ${noun}s of users`,
    schema: {
      id: `urn:ietf:params:scim:schemas:core:2.0:${name}`,
      name,
      description: `A value of the ${noun}s of users`,
      attributes: [
        readOnly('value', `The value of the ${noun}.`, { required: true, caseExact: true }),
        readOnly('display', 'A human-readable name.'),
        readOnly('type', `A label indicating the ${noun}'s function.`),
        readOnly('supported', `Whether the ${noun} can be used.`, { type: 'boolean', required: true }),
        readOnly('limitedAssignmentsPermitted', 'Whether a limited number of users may have it.', { type: 'boolean' }),
        readOnly('totalAssignmentsUsed', 'How many users have it.', { type: 'integer' }),
      ],
    },
    extensions: [],
  };
}

export const ROLE_TYPE = assignable('Role', '/Roles');
export const ENTITLEMENT_TYPE = assignable('Entitlement', '/Entitlements');
