import { ProvostError } from '../../../domain/errors.ts';
import type { Arguments } from '../message/arguments.ts';

/** WSO2 users may have several profiles; a SCIM user has one. */
export const DEFAULT_PROFILE = 'default';

/** @throws ProvostError `INVALID_VALUE` for any other than the default profile */
export function requireDefaultProfile(given: Arguments, name = 'profileName'): void {
  const profile = given.optionalText(name)?.trim() ?? '';
  if (profile === '' || profile === DEFAULT_PROFILE) return;
  throw new ProvostError('INVALID_VALUE', `There is one profile, ${DEFAULT_PROFILE}; leave ${name} out or name it so.`);
}
