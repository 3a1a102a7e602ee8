/** Data types of attributes (RFC 7643 §2.3). */
export type AttributeType =
  | 'string'
  | 'boolean'
  | 'decimal'
  | 'integer'
  | 'dateTime'
  | 'reference'
  | 'binary'
  | 'complex';

export type Mutability = 'readOnly' | 'readWrite' | 'immutable' | 'writeOnly';
export type Returned = 'always' | 'never' | 'default' | 'request';
export type Uniqueness = 'none' | 'server' | 'global';

/** One attribute or sub-attribute (RFC 7643 §2.2 and §7). Sub-attributes are simple and single-valued. */
export interface AttributeDefinition {
  readonly name: string;
  readonly type: AttributeType;
  readonly multiValued: boolean;
  readonly description: string;
  readonly required: boolean;
  readonly caseExact: boolean;
  readonly mutability: Mutability;
  readonly returned: Returned;
  readonly uniqueness: Uniqueness;
  /** Suggestions (RFC 7643 §7): other values are accepted. */
  readonly canonicalValues?: readonly string[];
  /** Only where the type is `reference`: resource type names, `external` or `uri`. */
  readonly referenceTypes?: readonly string[];
  /** Only where the type is `complex`. */
  readonly subAttributes?: readonly AttributeDefinition[];
}

/** A schema (RFC 7643 §7). `id` is its URN. */
export interface SchemaDefinition {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly attributes: readonly AttributeDefinition[];
}

export interface SchemaExtension {
  readonly schema: SchemaDefinition;
  readonly required: boolean;
}

/** A resource type with its schemas resolved (RFC 7643 §6): a plain value that everything here takes as an argument. */
export interface ResourceTypeDefinition {
  readonly id: string;
  readonly name: string;
  /** Relative to the base URL, e.g. `/Users`. */
  readonly endpoint: string;
  readonly description: string;
  readonly schema: SchemaDefinition;
  readonly extensions: readonly SchemaExtension[];
}

/** What a definition says only where it differs from the RFC's own defaults (RFC 7643 §2.2). */
export type AttributeTraits = Partial<Omit<AttributeDefinition, 'name' | 'description'>>;

/** An attribute with the defaults of RFC 7643 §2.2 filled in: an optional, single, readWrite string. */
export const defineAttribute = (
  name: string,
  description: string,
  traits: AttributeTraits = {},
): AttributeDefinition => ({
  name,
  type: 'string',
  multiValued: false,
  description,
  required: false,
  caseExact: false,
  mutability: 'readWrite',
  returned: 'default',
  uniqueness: 'none',
  ...traits,
});
