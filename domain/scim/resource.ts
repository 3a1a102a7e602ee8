/** A JSON value as SCIM carries it (RFC 7643 §2.3). */
export type ScimValue =
  | string
  | number
  | boolean
  | null
  | readonly ScimValue[]
  | { readonly [name: string]: ScimValue };

/** A complex value: a whole resource's attributes, one address, one e-mail. */
export type ScimObject = { readonly [name: string]: ScimValue };

/**
 * A resource's own attributes, in the schema's spelling: core attributes at the top, each extension's under its URN.
 * Without `id`, `meta`, `password`, and everything that the server computes (`groups`, `$ref`).
 * `schemas` is kept and always true to what is present.
 */
export type Resource = ScimObject & { readonly schemas: readonly string[] };

export const USER_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const GROUP_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:Group';
export const ENTERPRISE_USER_SCHEMA = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

/** One operation of a PATCH request (RFC 7644 §3.5.2), as normalised: `op` in lower case, value parsed JSON. */
export interface PatchOperation {
  readonly op: 'add' | 'replace' | 'remove';
  readonly path?: string;
  readonly value?: ScimValue;
}
