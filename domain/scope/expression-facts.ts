import type { ResourceId } from '../ids.ts';
import type { ScimObject } from '../scim/resource.ts';

/** A group that a resource is in, by itself or through another group. */
export interface ScopeGroup {
  readonly id: ResourceId;
  readonly display?: string;
  readonly direct: boolean;
}

/** All that a scope expression can see. There is no clock, no network and no other resource. */
export interface ExpressionFacts {
  readonly id: ResourceId;
  /** SCIM attributes in the schema's spelling; those of an extension under its URN. */
  readonly resource: ScimObject;
  readonly groups: readonly ScopeGroup[];
}
