import { writeClaims } from '../../../domain/claims/write-claims.ts';
import { writeUnseenClaims } from '../../../domain/claims/write-unseen-claims.ts';
import { isProvostError } from '../../../domain/errors.ts';
import type { ResourceId } from '../../../domain/ids.ts';
import { withActive } from '../../../domain/scim/active.ts';
import { parseResource } from '../../../domain/scim/parse-resource.ts';
import type { Call } from '../call.ts';
import { passwordNotValid, roleOfUserNotFound, userExists } from '../faults.ts';
import { findRole, isEveryone } from '../find/find-role.ts';
import { idByName, lookUpUser } from '../find/find-user.ts';
import { domainOfRole, readUserName } from '../find/store-name.ts';
import { requirePermissions } from '../require-permissions.ts';
import { submitChange, submitInOrder } from '../submit-change.ts';
import { membership } from './change-membership.ts';
import { type ClaimValue, claimWrites } from './claim-writes.ts';

export interface NewUser {
  readonly userName: string;
  readonly password: string;
  readonly roles: readonly string[];
  readonly claims: readonly ClaimValue[];
  /** Which of several users that one call adds; absent where it adds one. */
  readonly part?: string;
}

/**
 * Creates a user, then makes him a member of his roles. All roles are looked up first: a role that does not exist
 * creates nobody.
 */
export async function addUser(call: Call, { userName, password, roles, claims, part }: NewUser): Promise<void> {
  const { types, serviceProvider, dependencies } = call;
  const { name } = readUserName(userName, serviceProvider.userStore);
  if (password === '') throw passwordNotValid();
  // Of a call that may be a repetition, whose user this is, is known by its key alone: when the change is submitted.
  const mayRepeat = call.request.headers['idempotency-key'] !== undefined;
  if (!mayRepeat && (await lookUpUser(call, userName)) !== undefined) throw userExists();
  const wanted = roles.filter((role) => !isEveryone(role));
  if (wanted.length > 0) requirePermissions(call.principal, 'giving roles', [['update', 'Group']]);
  const found = await Promise.all(wanted.map((role) => roleToGive(call, role)));
  const sent = { schemas: [types.user.schema.id], userName: name };
  const bare = parseResource(sent, types.user, { mode: 'tolerant' }).resource;
  const writes = claimWrites(call, claims, 'set');
  // Says what cannot be said of a user who is not kept.
  if (serviceProvider.mode === 'provision-only') writeUnseenClaims(writes, types.user);
  const resource = withActive(writeClaims(writes, bare, types.user).resource, types.user);
  const passwordHash = await dependencies.hashPassword(password);
  const { reference } = await submitChange(call, {
    resourceType: 'User',
    body: { kind: 'create', resource, passwordHash },
    ...(serviceProvider.mode === 'provision-only' ? { resourceId: await idByName(call, 'User', userName) } : {}),
    ...(part === undefined ? {} : { part }),
  }).catch((error: unknown) => {
    throw isProvostError(error, 'UNIQUENESS') ? userExists(error) : error;
  });
  await submitInOrder(
    found.map(({ role, id }) =>
      membership(
        call,
        { role, id },
        { add: [reference.resourceId], ...(part === undefined ? {} : { part }) },
        `give the role ${role}`,
      ),
    ),
    ['create the user'],
  );
}

/** @throws ProvostError by the numbers that WSO2 has for it */
async function roleToGive(call: Call, role: string): Promise<{ readonly role: string; readonly id: ResourceId }> {
  try {
    return { role, id: (await findRole(call, role)).id };
  } catch (error) {
    if (!isProvostError(error, 'NOT_FOUND')) throw error;
    throw roleOfUserNotFound(role, domainOfRole(role) !== undefined);
  }
}
