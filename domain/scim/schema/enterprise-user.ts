import { ENTERPRISE_USER_SCHEMA } from '../resource.ts';
import { defineAttribute, type SchemaDefinition } from './definition.ts';

/**
 * The enterprise extension of User (RFC 7643 §4.3 and §8.7.1). `manager.$ref` is readOnly here although the RFC's JSON
 * says readWrite: it is computed from `value` and never stored, and a schema should say what the server does.
 */
export const ENTERPRISE_USER: SchemaDefinition = {
  id: ENTERPRISE_USER_SCHEMA,
  name: 'EnterpriseUser',
  description: 'Enterprise User',
  attributes: [
    defineAttribute(
      'employeeNumber',
      'Numeric or alphanumeric identifier assigned to a person, typically based on order of hire or association with an organization.',
    ),
    defineAttribute('costCenter', 'Identifies the name of a cost center.'),
    defineAttribute('organization', 'Identifies the name of an organization.'),
    defineAttribute('division', 'Identifies the name of a division.'),
    defineAttribute('department', 'Identifies the name of a department.'),
    defineAttribute(
      'manager',
      "The User's manager. A complex type that optionally allows service providers to represent organizational hierarchy by referencing the 'id' attribute of another User.",
      {
        type: 'complex',
        subAttributes: [
          defineAttribute('value', "The id of the SCIM resource representing the User's manager."),
          defineAttribute('$ref', "The URI of the SCIM resource representing the User's manager.", {
            type: 'reference',
            referenceTypes: ['User'],
            mutability: 'readOnly',
          }),
          defineAttribute('displayName', "The displayName of the User's manager. OPTIONAL and READ-ONLY.", {
            mutability: 'readOnly',
          }),
        ],
      },
    ),
  ],
};
