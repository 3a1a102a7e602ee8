import { type AttributeDefinition, defineAttribute } from './definition.ts';

/**
 * Attributes that every resource has whatever its schema (RFC 7643 §3.1). They are part of no schema's definition, and
 * `schemas` is here so that it can be filtered like the others.
 */
export const COMMON_ATTRIBUTES: readonly AttributeDefinition[] = [
  defineAttribute('schemas', 'URNs of the schemas that the resource follows.', {
    type: 'reference',
    referenceTypes: ['uri'],
    multiValued: true,
    required: true,
    returned: 'always',
    mutability: 'readOnly',
  }),
  defineAttribute('id', 'Identifier that the service provider gave.', {
    required: true,
    caseExact: true,
    mutability: 'readOnly',
    returned: 'always',
    uniqueness: 'server',
  }),
  defineAttribute('externalId', 'Identifier that the provisioning client gave.', { caseExact: true }),
  defineAttribute('meta', 'What the service provider knows about the resource.', {
    type: 'complex',
    mutability: 'readOnly',
    subAttributes: [
      defineAttribute('resourceType', 'Name of the resource type.', { caseExact: true, mutability: 'readOnly' }),
      defineAttribute('created', 'When the resource was created.', { type: 'dateTime', mutability: 'readOnly' }),
      defineAttribute('lastModified', 'When the resource was last changed.', {
        type: 'dateTime',
        mutability: 'readOnly',
      }),
      defineAttribute('location', 'URI of the resource.', {
        type: 'reference',
        referenceTypes: ['uri'],
        caseExact: true,
        mutability: 'readOnly',
      }),
      defineAttribute('version', 'Version of the resource, as in its ETag.', {
        caseExact: true,
        mutability: 'readOnly',
      }),
    ],
  }),
];
