import type { AttributeDefinition } from '../schema/definition.ts';
import type { Comparison } from './ast.ts';

/** Where in the shadow a term looks. */
export interface ResolvedPath {
  /** Names from the resource's root down, an extension's URN first; within a value path, from the element down. */
  readonly keys: readonly string[];
  /** How many of `keys` lead to the multi-valued attribute; absent where none is on the way. */
  readonly arrayAt?: number;
  /** What is compared. */
  readonly attribute: AttributeDefinition;
}

export interface ResolvedLogical {
  readonly kind: 'and' | 'or';
  /** Empty: `and` is always true, `or` never. */
  readonly terms: readonly ResolvedFilter[];
}

export interface ResolvedNot {
  readonly kind: 'not';
  readonly term: ResolvedFilter;
}

export interface ResolvedCompare {
  readonly kind: 'compare';
  readonly path: ResolvedPath;
  readonly operator: Comparison;
  /** In the shadow's form: folded, an instant, a number, a boolean. */
  readonly value: string | number | boolean;
  /** As the client wrote it, of the attribute's type: what an element created from the filter holds. */
  readonly raw: string | number | boolean;
}

export interface ResolvedPresent {
  readonly kind: 'present';
  readonly path: ResolvedPath;
}

export interface ResolvedElement {
  readonly kind: 'element';
  /** The multi-valued attribute. */
  readonly path: ResolvedPath;
  readonly filter: ResolvedFilter;
}

/**
 * A filter whose names and values fit a resource type. What it means, in memory and in the database alike:
 *
 * - on a multi-valued attribute, a comparison holds where it holds for any value (RFC 7644 §3.4.2.2)
 * - `ne` also holds where the attribute is absent. On a multi-valued attribute it holds where any value differs or there
 *   is none; that no value equals is `not (… eq …)`
 * - every other comparison is false where the attribute is absent
 */
export type ResolvedFilter = ResolvedLogical | ResolvedNot | ResolvedCompare | ResolvedPresent | ResolvedElement;
