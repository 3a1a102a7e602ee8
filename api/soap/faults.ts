import { type ErrorCode, ProvostError } from '../../domain/errors.ts';

/**
 * Faults that WSO2's clients know by their numbers (its kernel's `UserCoreErrorConstants`). Names of users are not
 * repeated: faults end up in logs.
 */
const fault =
  (code: ErrorCode, words: string, path?: string) =>
  (cause?: ProvostError): ProvostError =>
    new ProvostError(
      code,
      words,
      cause?.facts ?? (path === undefined ? {} : { path }),
      cause === undefined ? undefined : { cause },
    );

const NAME_FORMAT = 'text that is not blank and has no control characters';

export const passwordNotValid = fault(
  'INVALID_VALUE',
  '30003 - Credential is not valid. Credential must be a non null string with following format, at least one character',
  'password',
);

export const userExists = fault(
  'UNIQUENESS',
  '30004 - UserAlreadyExisting: Username already exists in the system. Please pick another username.',
  'userName',
);

export const oldPasswordWrong = fault(
  'INVALID_VALUE',
  '30006 - PasswordInvalid Old credential does not match with the existing credentials.',
);

export const everyoneNotUpdatable = fault(
  'MUTABILITY',
  '30009 - Cannot update everyone role: Internal/everyone is the role that every user has.',
);

export const userNameNotValid = fault(
  'INVALID_VALUE',
  `31301 - Username is not valid. User name must be a non null string with following format, ${NAME_FORMAT}`,
  'userName',
);

export const roleNameNotValid = fault(
  'INVALID_VALUE',
  `30011 - InvalidRole Role name is not valid. Role name must be a non null string with following format, ${NAME_FORMAT}`,
);

export const roleNotRenamable = fault(
  'MUTABILITY',
  '31501 - The role cannot renamed: its domain stays, and Internal/everyone keeps its name.',
);

export const roleNameMissing = fault('INVALID_VALUE', '31704 - Cannot add role with empty role name');

export const everyoneNotDeletable = fault('MUTABILITY', '31805 - Cannot delete everyone role');

export const roleNotDeletable = fault(
  'NOT_FOUND',
  '31806 - Cannot delete non-existing role (RoleNotFound: there is no such role)',
);

export const userNotFound = (store: string): ProvostError =>
  new ProvostError('NOT_FOUND', `30007 - UserNotFound: User does not exist in: ${store}`);

export const roleExists = (roleName: string): ProvostError =>
  new ProvostError(
    'UNIQUENESS',
    `30012 - RoleExisting: Role name: ${shown(roleName)} exists in the system. Please pick another role name.`,
  );

export const roleNotFound = (roleName: string): ProvostError =>
  new ProvostError('NOT_FOUND', `RoleNotFound: There is no role ${shown(roleName)}.`);

/** A role that a new user is to have. */
export const roleOfUserNotFound = (roleName: string, isInternal: boolean): ProvostError =>
  new ProvostError(
    'NOT_FOUND',
    isInternal
      ? `31303 - Internal role does not exist : ${shown(roleName)}`
      : `31304 - External role does not exist : ${shown(roleName)}`,
  );

export const claimNotFound = (uri: string): ProvostError =>
  new ProvostError(
    'INVALID_VALUE',
    `30005 - Claim URI is invalid, ${uri.slice(0, 200)}: the claim is mapped to no attribute of a user.`,
  );

const shown = (name: string): string => name.slice(0, 64);
