import { z } from 'zod';

const TYPES = ['string', 'boolean', 'decimal', 'integer', 'dateTime', 'reference', 'binary', 'complex'] as const;

const description = z.string().trim().max(1_000);

/** RFC 7643 §2.2's own defaults: an optional, single, readWrite string that ignores letter case. */
const traits = {
  name: z.string().min(1).max(64).describe('Letters, digits, `-` and `_`; found in any letter case.'),
  type: z.enum(TYPES).default('string'),
  multiValued: z.boolean().default(false),
  description: description.default(''),
  required: z.boolean().default(false),
  caseExact: z.boolean().default(false).describe('Whether letter case counts, in filters and for uniqueness alike.'),
  mutability: z
    .enum(['readWrite', 'immutable', 'writeOnly', 'readOnly'])
    .default('readWrite')
    .describe('`readOnly` is refused: nothing would ever set it.'),
  returned: z.enum(['default', 'always', 'request', 'never']).default('default'),
  uniqueness: z
    .enum(['none', 'server', 'global'])
    .default('none')
    .describe('`server`: no two resources of a type have the same value. `global` is refused.'),
  canonicalValues: z.array(z.string().max(255)).max(500).optional().describe('Suggestions; other values are accepted.'),
  referenceTypes: z
    .array(z.string().min(1).max(255))
    .min(1)
    .max(50)
    .optional()
    .describe('Where the type is `reference`: names of resource types, `external` or `uri`.'),
};

const subAttribute = z.strictObject(traits).meta({ id: 'SchemaSubAttribute' });

const attribute = z
  .strictObject({
    ...traits,
    subAttributes: z.array(subAttribute).max(50).optional().describe('Where the type is `complex`.'),
  })
  .meta({ id: 'SchemaAttribute' });

const id = z.string().min(5).max(255).describe('URN, such as `urn:example:params:scim:schemas:extension:hr:2.0:User`.');

const body = {
  name: z.string().trim().min(1).max(255),
  description: description.default(''),
  attributes: z.array(attribute).min(1).max(200),
};

export const schemaInput = z.strictObject({ id, ...body }).meta({ id: 'SchemaInput' });
export const schemaReplacement = z.strictObject(body).meta({ id: 'SchemaReplacement' });
export const schemaView = z.object({ id, ...body }).meta({ id: 'Schema' });
export const schemaList = z.object({ items: z.array(schemaView) }).meta({ id: 'SchemaList' });

const typeName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9]{0,63}$/, 'Begin with a letter and go on with up to 63 letters and digits.');

const extension = z.strictObject({
  schema: id,
  required: z.boolean().default(false).describe('Whether every resource of the type must have it.'),
});

const typeBody = {
  endpoint: z
    .string()
    .regex(/^\/[A-Za-z][A-Za-z0-9_-]{0,63}$/, 'One part of a path, such as /Badges.')
    .describe('Where clients find it below the base of SCIM 2.0.'),
  description: description.default(''),
  schema: id.describe('URN of its core schema, one of the tenant’s own.'),
  schemaExtensions: z.array(extension).max(50).default([]),
};

export const resourceTypeInput = z.strictObject({ name: typeName, ...typeBody }).meta({ id: 'ResourceTypeInput' });
export const resourceTypeReplacement = z.strictObject(typeBody).meta({ id: 'ResourceTypeReplacement' });
export const resourceTypeView = z
  .object({
    name: typeName,
    ...typeBody,
    standard: z.boolean().describe('`User` and `Group`: only their extensions can be changed.'),
  })
  .meta({ id: 'ResourceType' });
export const resourceTypeList = z.object({ items: z.array(resourceTypeView) }).meta({ id: 'ResourceTypeList' });
