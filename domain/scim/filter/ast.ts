import type { AttributePath } from '../attribute-path.ts';

/** Operators that compare (RFC 7644 §3.4.2.2, table 3); `pr` is a node of its own. */
export const COMPARISONS = ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'] as const;
export type Comparison = (typeof COMPARISONS)[number];

interface Node {
  /** Where it begins in the text, counted from 1. */
  readonly position: number;
}

export interface LogicalNode extends Node {
  readonly kind: 'and' | 'or';
  readonly terms: readonly Filter[];
}

export interface NotNode extends Node {
  readonly kind: 'not';
  readonly term: Filter;
}

export interface CompareNode extends Node {
  readonly kind: 'compare';
  readonly path: AttributePath;
  readonly operator: Comparison;
  readonly value: string | number | boolean | null;
  /** The value as it was written, without the quotes of a string: `007` survives although it is no JSON number. */
  readonly text: string;
}

export interface PresentNode extends Node {
  readonly kind: 'present';
  readonly path: AttributePath;
}

/** A value path, `emails[type eq "work"]`: some element of the attribute satisfies the whole filter. */
export interface ElementNode extends Node {
  readonly kind: 'element';
  readonly path: AttributePath;
  readonly filter: Filter;
}

/** A filter as written (RFC 7644 §3.4.2.2). Names are not looked up yet. */
export type Filter = LogicalNode | NotNode | CompareNode | PresentNode | ElementNode;
