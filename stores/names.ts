import type { Approval } from '../domain/approval/approval.ts';
import type { ResourceId, TenantId } from '../domain/ids.ts';
import { personNamed } from '../domain/person.ts';
import { findServiceProvider, type Policy } from '../domain/policy.ts';
import type { ScimObject } from '../domain/scim/resource.ts';
import type { ChangeStore } from './changes.ts';
import type { ResourceStore } from './resources.ts';

export interface NamesDependencies {
  readonly resources: Pick<ResourceStore, 'find'>;
  readonly changes: Pick<ChangeStore, 'find'>;
  readonly policies: { current(tenant: TenantId): Promise<Policy> };
}

/** What people call a user or a group. */
export function nameIn({ displayName, userName }: ScimObject): string | undefined {
  const name = typeof displayName === 'string' && displayName !== '' ? displayName : userName;
  return typeof name === 'string' ? name : undefined;
}

/** @returns undefined where there is no such resource, or it has no name */
export async function nameOfResource(
  { resources }: Pick<NamesDependencies, 'resources'>,
  tenant: TenantId,
  type: string,
  id: ResourceId,
): Promise<string | undefined> {
  const found = await resources.find(tenant, type, id);
  return found && nameIn(found.resource);
}

/** What people call who asks for something: a person, or the client that asks for itself. */
export async function nameOfRequester(
  { tenant, requester, change }: Approval,
  dependencies: NamesDependencies,
): Promise<string> {
  const { changes, policies } = dependencies;
  const person = personNamed(requester);
  const named = person && (await nameOfResource(dependencies, tenant, 'User', person));
  if (named !== undefined) return named;
  const record = await changes.find(tenant, change);
  return record === undefined
    ? requester
    : findServiceProvider(await policies.current(tenant), record.serviceProvider).name;
}
