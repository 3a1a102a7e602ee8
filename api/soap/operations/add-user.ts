import { writeClaims } from '../../../domain/claims/write-claims.ts';
import { isProvostError, ProvostError } from '../../../domain/errors.ts';
import { parseResource } from '../../../domain/scim/parse-resource.ts';
import type { Call } from '../call.ts';
import { findRole, isEveryone } from '../find/find-role.ts';
import { idByName } from '../find/find-user.ts';
import { readUserName } from '../find/store-name.ts';
import type { Arguments } from '../message/arguments.ts';
import { submitChange, submitInOrder } from '../submit-change.ts';
import { membership } from './change-membership.ts';
import { claimWrites } from './claim-writes.ts';

export interface NewUser {
  readonly userName: string;
  readonly password: string;
  readonly roles: readonly string[];
  /** Elements of type ClaimValue. */
  readonly claims: readonly Arguments[];
}

/**
 * Creates a user, then makes him a member of his roles. All roles are looked up first: a role that does not exist
 * creates nobody.
 */
export async function addUser(call: Call, { userName, password, roles, claims }: NewUser): Promise<void> {
  const { types, serviceProvider, dependencies } = call;
  const { name } = readUserName(userName, serviceProvider.userStore);
  const wanted = roles.filter((role) => !isEveryone(role));
  const found = await Promise.all(wanted.map(async (role) => ({ role, ...(await findRole(call, role)) })));
  const sent = { schemas: [types.user.schema.id], userName: name };
  const bare = parseResource(sent, types.user, { mode: 'tolerant' }).resource;
  const { resource } = writeClaims(claimWrites(call, claims, 'set'), bare, types.user);
  const passwordHash = await dependencies.hashPassword(password);
  const { reference } = await submitChange(call, {
    resourceType: 'User',
    body: { kind: 'create', resource, passwordHash },
    ...(serviceProvider.mode === 'provision-only' ? { resourceId: idByName(call, 'User', userName) } : {}),
  }).catch(nameTaken);
  await submitInOrder(
    found.map(({ role, id }) =>
      membership(call, { role, id }, { add: [reference.resourceId] }, `give the role ${role}`),
    ),
    ['create the user'],
  );
}

/** WSO2's words and number for it. */
function nameTaken(error: unknown): never {
  if (!isProvostError(error, 'UNIQUENESS')) throw error;
  const message = '30005 - Username already exists in the system. Please pick another username.';
  throw new ProvostError('UNIQUENESS', message, error.facts, { cause: error });
}
