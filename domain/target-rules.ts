import type { ResourceId, TargetId } from './ids.ts';

/**
 * Who a target is for. Both must let a resource in.
 *
 * `User`, `Group`: CEL expressions over `resource` (its SCIM attributes), `groups` (of a user: `id`, `display`, `direct`)
 * and `id`, which give true or false; absent: everybody. `members`: only users in one of these groups, themselves or
 * through another group; joining provisions, leaving deprovisions.
 */
export interface Scope {
  readonly User?: string;
  readonly Group?: string;
  readonly members?: readonly ResourceId[];
}

/** One way of finding an account that is there already; they are tried in order, all attributes of a rule at once. */
export interface MatchingRule {
  /** Attributes at the target, e.g. `userName`; each is compared with the same attribute of the projection. */
  readonly attributes: readonly string[];
}

/**
 * What happens where matching rules find no account, one, or several. Several are always a person's to decide about: one
 * of them taken at random may be somebody else's.
 */
export interface MatchingPolicy {
  readonly rules: readonly MatchingRule[];
  /** Default `create`. */
  readonly onNone?: 'create' | 'park';
  /** Default `link`. */
  readonly onOne?: 'link' | 'park';
}

/** How fast a target may be called, by all workers together. */
export interface RateLimit {
  readonly perSecond: number;
  /** Calls that may be made at once after a quiet time. */
  readonly burst: number;
}

/** When a target that fails for everybody is left alone: its steps queue, and a probe tries it now and then. */
export interface BreakerPolicy {
  /** Failures in a row, of any resources, that open it. */
  readonly failures: number;
  /** Milliseconds until the first probe; doubled after each that fails. */
  readonly probeAfterMs: number;
  readonly longestProbeMs: number;
}

/** More deletions than this within a window are staged until somebody approves them. */
export interface DeletionGuard {
  readonly windowMs: number;
  /** A number of accounts. */
  readonly most?: number;
  /** A share of the accounts linked on the target when the window began, 0 to 1. With `most`, the smaller counts. */
  readonly share?: number;
  /** Whether accounts that are disabled because their resource is gone count too. Default false. */
  readonly countDisables?: boolean;
}

/** Hours in which a target may be called. Outside of them its steps wait. */
export interface ServiceWindow {
  /** ISO weekdays, 1 is Monday. */
  readonly days: readonly number[];
  /** `HH:MM` in `timeZone`; a window that ends before it begins goes over midnight. */
  readonly from: string;
  readonly to: string;
  /** IANA name. */
  readonly timeZone: string;
}

export interface TargetDependencies {
  /** Lower ones come first, equal ones side by side. Default 100. */
  readonly priority?: number;
  /** Targets that must have confirmed a resource before this one is asked. */
  readonly dependsOn?: readonly TargetId[];
}
