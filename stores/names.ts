import type { Approval } from '../domain/approval/approval.ts';
import { asResourceId, type ResourceId, type TenantId } from '../domain/ids.ts';
import { findServiceProvider, type Policy } from '../domain/policy.ts';
import type { ScimObject } from '../domain/scim/resource.ts';
import type { ChangeStore } from './changes.ts';
import type { ResourceStore } from './resources.ts';

export interface NamesDependencies {
  readonly resources: Pick<ResourceStore, 'find'>;
  readonly changes: Pick<ChangeStore, 'find'>;
  readonly policies: { current(tenant: TenantId): Promise<Policy> };
}

/** The user behind `user:<id>`, as approvals and the trail name people; undefined for a credential. */
export const personNamed = (name: string): ResourceId | undefined =>
  name.startsWith('user:') ? asResourceId(name.slice('user:'.length)) : undefined;

/** What people call a user or a group. */
export function nameIn({ displayName, userName }: ScimObject): string | undefined {
  const name = typeof displayName === 'string' && displayName !== '' ? displayName : userName;
  return typeof name === 'string' ? name : undefined;
}

/** What people call who asks for something: a person, or the client that asks for itself. */
export async function nameOfRequester(
  { tenant, requester, change }: Approval,
  { resources, changes, policies }: NamesDependencies,
): Promise<string> {
  const person = personNamed(requester);
  const user = person === undefined ? undefined : await resources.find(tenant, 'User', person);
  const named = user === undefined ? undefined : nameIn(user.resource);
  if (named !== undefined) return named;
  const record = await changes.find(tenant, change);
  return record === undefined
    ? requester
    : findServiceProvider(await policies.current(tenant), record.serviceProvider).name;
}
