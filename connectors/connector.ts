import type { Capabilities } from '../domain/capabilities.ts';
import type { ScimObject } from '../domain/scim/resource.ts';

/** An account as the target holds it now. */
export interface Account {
  readonly remoteId: string;
  readonly content: ScimObject;
}

/** An account as a target answered a write with it. */
export interface WrittenAccount extends Account {
  /** The target showed nothing but the id: `content` is what was sent. */
  readonly isAssumed?: boolean;
}

export interface AccountPage {
  readonly accounts: readonly Account[];
  /** Cursor of the page behind it; absent on the last. */
  readonly next?: string;
}

export interface AccountUpdate {
  /** What the target is known to hold: the last confirmed projection, or what a look just found. */
  readonly before: ScimObject;
  /** What it shall hold. */
  readonly after: ScimObject;
}

export interface MatchedValue {
  /** Attribute at the target, e.g. `userName`, `externalId`, `emails.value`. */
  readonly attribute: string;
  readonly value: string;
}

export interface MatchRule extends MatchedValue {
  /** Further values that must match, too. */
  readonly and?: readonly MatchedValue[];
}

/** Which kind of object at the target: each SCIM resource type has its own endpoint there. */
export type AccountType = 'User' | 'Group';

/**
 * What any target can be asked. A call states what must become true, so each is safe to repeat, and none retries by
 * itself: Temporal does. All throw {@link ProvostError} with a `TARGET_*` code; a request that left and was not
 * answered whole throws `TARGET_OUTCOME_UNKNOWN`.
 */
export interface Connector {
  readonly capabilities: Capabilities;
  /** @returns all accounts that match, at most 2 (two are enough to know that the match is ambiguous) */
  find(type: AccountType, match: MatchRule, signal: AbortSignal): Promise<readonly Account[]>;
  /** @returns undefined where the target says that there is no such account */
  read(type: AccountType, remoteId: string, signal: AbortSignal): Promise<Account | undefined>;
  /**
   * Attributes that an account may show only to whoever asks for them by name. A connector without it has targets that
   * show by {@link read} all that they keep.
   *
   * @param attributes paths such as `name.middleName`
   * @returns what the target shows of them
   */
  readAttributes?(
    type: AccountType,
    remoteId: string,
    attributes: readonly string[],
    signal: AbortSignal,
  ): Promise<ScimObject | undefined>;
  /**
   * A page of all accounts, in the target's own order. While others write, an account may come twice or not at all:
   * whoever misses one looks for it with {@link read}.
   *
   * @param cursor `next` of the page before; undefined: from the beginning
   */
  list(type: AccountType, cursor: string | undefined, signal: AbortSignal): Promise<AccountPage>;
  /**
   * @returns the account as the target shows it; `content`, said to be assumed, where it shows nothing but the id
   * @throws ProvostError `TARGET_CONFLICT` where an account with the same unique attribute exists
   */
  create(type: AccountType, content: ScimObject, signal: AbortSignal): Promise<WrittenAccount>;
  /**
   * Makes the account hold `after`.
   *
   * @returns the account as the target shows it: its id may be another now; `after`, said to be assumed, where the target
   *   shows nothing
   * @throws ProvostError `TARGET_NOT_FOUND` where it is gone
   */
  update(type: AccountType, remoteId: string, update: AccountUpdate, signal: AbortSignal): Promise<WrittenAccount>;
  /**
   * Deactivates a user's account, takes all members out of a group, and leaves everything else. An account that is gone
   * counts as done.
   */
  disable(type: AccountType, remoteId: string, signal: AbortSignal): Promise<void>;
  /**
   * Activates a user's account that was disabled and leaves everything else; one that is active is done. Never asked for a
   * group, which gets its members by {@link changeMembers}.
   *
   * @throws ProvostError `TARGET_NOT_FOUND` where it is gone
   */
  enable(type: AccountType, remoteId: string, signal: AbortSignal): Promise<void>;
  /** Deletes the account. One that is gone counts as done. */
  delete(type: AccountType, remoteId: string, signal: AbortSignal): Promise<void>;
  /**
   * Remote ids of all members of a group. A connector without it has its groups' members believed, not compared.
   *
   * @returns undefined where the target does not show them, or the group is gone
   */
  readMembers?(remoteId: string, signal: AbortSignal): Promise<readonly string[] | undefined>;
  /** Adds and removes members by their remote ids; repeating it changes nothing. */
  changeMembers(
    remoteId: string,
    members: { readonly add: readonly string[]; readonly remove: readonly string[] },
    signal: AbortSignal,
  ): Promise<void>;
  /** Proves address and credentials without changing anything. */
  test(signal: AbortSignal): Promise<void>;
  /** Frees connections and cached tokens. */
  close(): Promise<void>;
}
