import { asResourceId, type ResourceId } from '../../../domain/ids.ts';
import { foldCase } from '../../../domain/scim/fold-case.ts';
import { formerId } from '../../../platform/derived-id.ts';
import { BY_ID } from '../../../stores/list/order.ts';
import type { StoredResource } from '../../../stores/resources.ts';
import type { Call } from '../call.ts';
import { userNotFound } from '../faults.ts';
import { queryFor } from './query.ts';
import { hasName, readRoleName, readUserName } from './store-name.ts';

/** A user as he stands, or only his id where users are sent on and not kept here. */
export interface FoundUser {
  readonly id: ResourceId;
  readonly stored?: StoredResource;
}

/** @returns undefined where nobody is stored by that name, which may be one that nobody can have */
export async function lookUpUser(call: Call, userName: string): Promise<StoredResource | undefined> {
  if (!hasName(userName)) return undefined;
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
  if (call.serviceProvider.mode === 'provision-only') return { id: await idByName(call, 'User', userName) };
  throw userNotFound(call.serviceProvider.userStore);
}

/** @throws ProvostError `NOT_FOUND` */
export async function existingUser(call: Call, userName: string): Promise<StoredResource> {
  const stored = await lookUpUser(call, userName);
  if (stored === undefined) throw userNotFound(call.serviceProvider.userStore);
  return stored;
}

/**
 * The id of a resource that is sent on and not kept: SOAP knows no other name for it than the one that people use, so
 * every change of it must find the same id, and with it the accounts at the targets.
 */
export async function idByName(call: Call, type: 'User' | 'Group', given: string): Promise<ResourceId> {
  const { tenant, serviceProvider } = call.principal;
  const { name } = (type === 'User' ? readUserName : readRoleName)(given, call.serviceProvider.userStore);
  const parts = ['by name', tenant, serviceProvider, type, foldCase(name)];
  const { knowsResource, deriveId } = call.dependencies;
  // Whom an older release sent on keeps the id that their accounts are linked to.
  const former = asResourceId(formerId(parts));
  return (await knowsResource(tenant, former)) ? former : asResourceId(deriveId(parts));
}
