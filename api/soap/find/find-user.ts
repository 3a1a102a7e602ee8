import { ProvostError } from '../../../domain/errors.ts';
import { asResourceId, type ResourceId } from '../../../domain/ids.ts';
import { foldCase } from '../../../domain/scim/fold-case.ts';
import { derivedId } from '../../../platform/derived-id.ts';
import { BY_ID } from '../../../stores/list/order.ts';
import type { StoredResource } from '../../../stores/resources.ts';
import type { Call } from '../call.ts';
import { queryFor } from './query.ts';
import { readUserName } from './store-name.ts';

/** A user as he stands, or only his id where users are sent on and not kept here. */
export interface FoundUser {
  readonly id: ResourceId;
  readonly stored?: StoredResource;
}

/** @returns undefined where nobody is stored by that name */
export async function lookUpUser(call: Call, userName: string): Promise<StoredResource | undefined> {
  const { store, name } = readUserName(userName, call.serviceProvider.userStore);
  const query = queryFor(call.types.user, store, `userName eq ${JSON.stringify(name)}`);
  const [found] = await call.dependencies.resources.list(call.principal.tenant, [query], { order: BY_ID, limit: 1 });
  return found;
}

/**
 * The user whom a change is for. Where nobody is kept (provision-only) it is the id that {@link idByName} gives.
 *
 * @throws ProvostError `NOT_FOUND`
 */
export async function findUser(call: Call, userName: string): Promise<FoundUser> {
  const stored = await lookUpUser(call, userName);
  if (stored !== undefined) return { id: stored.id, stored };
  if (call.serviceProvider.mode === 'provision-only') return { id: idByName(call, 'User', userName) };
  throw noSuchUser(call);
}

/** @throws ProvostError `NOT_FOUND` */
export async function existingUser(call: Call, userName: string): Promise<StoredResource> {
  const stored = await lookUpUser(call, userName);
  if (stored === undefined) throw noSuchUser(call);
  return stored;
}

/**
 * The id of a resource that is sent on and not kept: SOAP knows no other name for it than the one that people use, so
 * every change of it must find the same id, and with it the accounts at the targets.
 */
export function idByName({ principal }: Call, type: 'User' | 'Group', name: string): ResourceId {
  const { tenant, serviceProvider } = principal;
  return asResourceId(derivedId(['by name', tenant, serviceProvider, type, foldCase(name)]));
}

/** WSO2's words and number; clients look for either. The name itself is not repeated: faults end up in logs. */
const noSuchUser = ({ serviceProvider }: Call): ProvostError =>
  new ProvostError('NOT_FOUND', `30007 - UserNotFound: There is no such user in ${serviceProvider.userStore}.`);
