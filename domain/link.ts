import type { ResourceId, TargetId, TenantId } from './ids.ts';
import type { ScimObject } from './scim/resource.ts';

/**
 * `pending`: a create was started and not confirmed. `linked`: the account holds `content`.
 * `disabled`: it exists and was deactivated because the resource is gone or out of scope. `gone`: deleted there.
 */
export type LinkState = 'pending' | 'linked' | 'disabled' | 'gone';

/** Ties a resource to its account on one target. `content` is stored sealed. */
export interface Link {
  readonly tenant: TenantId;
  readonly target: TargetId;
  readonly resourceType: string;
  readonly resourceId: ResourceId;
  readonly state: LinkState;
  readonly remoteId?: string;
  /** The last projection that the target confirmed. */
  readonly content?: ScimObject;
  readonly contentHash?: string;
  /** Of `content`, the attributes that the target showed with other values when it confirmed them. Stored sealed. */
  readonly shown?: ScimObject;
  /** Paths of `content` that the account did not keep. Absent where nobody looked, as in links of older releases. */
  readonly notKept?: readonly string[];
  /** We disabled the account, it is the resource's again, and it is not to be active yet. */
  readonly suspended?: boolean;
  /** What the account held when it was found and linked; absent where we created it. Undoing puts this back. */
  readonly found?: ScimObject;
  /** Of a group: its version up to which the target knows who its members are. Absent: it knows none. */
  readonly membersVersion?: number;
  /** When the account was disabled because nobody should have it any more, ISO 8601. */
  readonly disabledAt?: string;
}
