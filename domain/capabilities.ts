import { ProvostError } from './errors.ts';

/** What a target can do. Declared by its connector from the target's settings, and asked before each kind of call. */
export interface Capabilities {
  /** Resource types that it has accounts of: `User`, `Group`. */
  readonly types: readonly string[];
  readonly create: boolean;
  readonly update: boolean;
  /** Deactivate a user's account and activate it again. */
  readonly disable: boolean;
  readonly delete: boolean;
  /** Change who is in a group. */
  readonly groups: boolean;
  /** Send only the attributes that changed (PATCH) instead of the whole account (PUT). */
  readonly patch: boolean;
  /** Most members that one request may add or remove. */
  readonly maxMembersPerRequest: number;
}

/** Kinds of calls that a target may not be able to take. */
export type Ability = 'create' | 'update' | 'disable' | 'enable' | 'delete' | 'members';

const WORDS: Readonly<Record<Ability, string>> = {
  create: 'create accounts',
  update: 'change accounts',
  disable: 'disable accounts',
  enable: 'enable accounts',
  delete: 'delete accounts',
  members: 'change the members of groups',
};

/** Whether the target can do this to an account of this type. */
export function isCapable(capabilities: Capabilities, type: string, ability?: Ability): boolean {
  if (!capabilities.types.includes(type)) return false;
  // Groups have no state of their own (RFC 7643 §4.2): disabling one empties it.
  const needed = (ability === 'disable' || ability === 'enable') && type === 'Group' ? 'members' : ability;
  switch (needed) {
    case undefined:
      return true;
    case 'members':
      return capabilities.groups;
    case 'enable':
      return capabilities.disable;
    default:
      return capabilities[needed];
  }
}

/**
 * Nothing else is done in the place of what a target cannot do: an account that cannot be disabled is not deleted.
 *
 * @throws ProvostError `TARGET_UNSUPPORTED`
 */
export function requireCapable(capabilities: Capabilities, type: string, ability?: Ability): void {
  if (isCapable(capabilities, type, ability)) return;
  const what = ability === undefined || !capabilities.types.includes(type) ? `take ${type} resources` : WORDS[ability];
  throw new ProvostError(
    'TARGET_UNSUPPORTED',
    `The target cannot ${what}, as its connector and settings say. Change the target's configuration, or skip the step.`,
  );
}
