import type { Policy } from '../domain/policy.ts';
import type { ExpressionFacts, ScopeGroup } from '../domain/scope/expression-facts.ts';
import { needsGroups } from '../domain/scope/scope-of.ts';
import { createMembershipReader } from './membership-reader.ts';
import type { MembershipStore } from './memberships.ts';
import type { ResourceStore, StoredResource } from './resources.ts';

export interface ScopeFactsDependencies {
  readonly memberships: MembershipStore;
  readonly resources: Pick<ResourceStore, 'namesOf'>;
}

/** What scopes see of a resource. Its groups are read only where a scope of the policy looks at groups. */
export async function scopeFacts(
  stored: StoredResource,
  policy: Policy,
  dependencies: ScopeFactsDependencies,
): Promise<ExpressionFacts> {
  const [facts] = await factsOfMany([stored], [policy], dependencies);
  return facts ?? factsWith(stored, []);
}

/** The same for a page of resources of one type, as all of these versions of the policy need it. */
export async function factsOfMany(
  stored: readonly StoredResource[],
  policies: readonly Policy[],
  { memberships, resources }: ScopeFactsDependencies,
): Promise<ExpressionFacts[]> {
  const [first] = stored;
  if (first === undefined) return [];
  const grouped = stored.filter((resource) => resource.grouped);
  if (grouped.length === 0 || !policies.some((policy) => looksAtGroups(policy, first.type)))
    return stored.map((resource) => factsWith(resource, []));
  const groups = await createMembershipReader({ memberships, resources }).groupsOf(
    first.tenant,
    grouped.map(({ id }) => id),
  );
  return stored.map((resource) => factsWith(resource, groups.get(resource.id) ?? []));
}

const factsWith = ({ id, resource }: StoredResource, groups: readonly ScopeGroup[]): ExpressionFacts => ({
  id,
  resource,
  groups,
});

const looksAtGroups = (policy: Policy, resourceType: string): boolean =>
  policy.identityProviders.some(({ targets }) => targets.some((target) => needsGroups(target, resourceType)));
