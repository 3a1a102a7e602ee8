import { maySignIn } from '../../../domain/account.ts';
import { isProvostError } from '../../../domain/errors.ts';
import type { StoredResource } from '../../../stores/resources.ts';
import { unauthenticated } from '../../identify/basic.ts';
import type { Call } from '../call.ts';
import type { Operation } from '../contract/operation.ts';
import { text } from '../contract/schema-types.ts';
import { oldPasswordWrong, passwordNotValid } from '../faults.ts';
import { existingUser, findUser, lookUpUser } from '../find/find-user.ts';
import { submitChange } from '../submit-change.ts';

/** Gives a user a password without knowing his old one. */
export async function setPassword(call: Call, userName: string, password: string): Promise<void> {
  if (password === '') throw passwordNotValid();
  const { id } = await findUser(call, userName);
  const passwordHash = await call.dependencies.hashPassword(password);
  await submitChange(call, {
    resourceType: 'User',
    resourceId: id,
    body: { kind: 'patch', operations: [], passwordHash },
  });
}

/** Changes a password for who knows the old one. @throws ProvostError `INVALID_VALUE` where it is not the old one */
export async function changePassword(call: Call, userName: string, to: string, from: string): Promise<void> {
  const user = await existingUser(call, userName);
  if (!(await isPassword(call, userName, user, from))) throw oldPasswordWrong();
  await setPassword(call, userName, to);
}

/**
 * Listed users come without their hash, so the user is read once more. Takes as long where there is no such user, and wrong
 * guesses at one name are slowed down as at sign-in.
 */
async function isPassword(
  call: Call,
  userName: string,
  user: StoredResource | undefined,
  password: string,
): Promise<boolean> {
  const { resources, verifyPassword, signIns } = call.dependencies;
  const { tenant } = call.principal;
  const attempt = { method: 'soap', address: call.request.ip, name: `${userName}@${tenant}` } as const;
  try {
    return await signIns.attempt(attempt, async (origin) => {
      const stored = user === undefined ? undefined : await resources.find(tenant, call.types.user.name, user.id);
      const matches = await verifyPassword(stored?.passwordHash, password, origin);
      if (!matches || stored === undefined || !maySignIn(stored.resource)) throw unauthenticated();
      return true;
    });
  } catch (error) {
    if (isProvostError(error, 'UNAUTHENTICATED')) return false;
    throw error;
  }
}

export const CREDENTIAL_OPERATIONS: readonly Operation[] = [
  {
    name: 'authenticate',
    parameters: [text('userName'), text('credential')],
    returns: { type: 'boolean' },
    // WSO2 asks for its root permission: this tells whether a guessed password is right.
    requires: [
      ['view', 'User'],
      ['update', 'User'],
    ],
    async run(call) {
      const password = call.given.plain('credential');
      const userName = call.given.text('userName');
      return isPassword(call, userName, await lookUpUser(call, userName), password);
    },
  },
  {
    name: 'updateCredential',
    parameters: [text('userName'), text('newCredential'), text('oldCredential')],
    requires: [['update', 'User']],
    async run(call) {
      const { given } = call;
      await changePassword(call, given.text('userName'), given.plain('newCredential'), given.plain('oldCredential'));
      return undefined;
    },
  },
  {
    name: 'updateCredentialByAdmin',
    parameters: [text('userName'), text('newCredential')],
    requires: [['update', 'User']],
    async run(call) {
      await setPassword(call, call.given.text('userName'), call.given.plain('newCredential'));
      return undefined;
    },
  },
  {
    name: 'getPasswordExpirationTime',
    parameters: [text('username')],
    returns: { type: 'long' },
    requires: [['view', 'User']],
    async run(call) {
      await existingUser(call, call.given.text('username'));
      return -1; // never, in WSO2's words
    },
  },
];
