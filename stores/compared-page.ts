import type { ChangeId, ResourceId, ServiceProviderId, TenantId } from '../domain/ids.ts';
import type { Policy } from '../domain/policy.ts';
import type { ComparedResource } from '../domain/scope/compare-policies.ts';
import type { LinkStore } from './links.ts';
import type { StoredResource } from './resources.ts';
import { factsOfMany, type ScopeFactsDependencies } from './scope-facts.ts';
import { lastWriters } from './walk-resources.ts';

export interface ComparePagesDependencies extends ScopeFactsDependencies {
  readonly links: Pick<LinkStore, 'standingsOf'>;
  readonly changes: {
    serviceProvidersOf(tenant: TenantId, ids: readonly ChangeId[]): Promise<Map<ChangeId, ServiceProviderId>>;
  };
}

/** Reads, for a page of resources of one type, all that a comparison of these policies needs. */
export async function comparedPage(
  page: readonly StoredResource[],
  policies: readonly Policy[],
  dependencies: ComparePagesDependencies,
): Promise<ComparedResource[]> {
  const [first] = page;
  if (first === undefined) return [];
  const { links, changes } = dependencies;
  const [facts, standings, writerOf] = await Promise.all([
    factsOfMany(page, policies, dependencies),
    links.standingsOf(
      first.tenant,
      page.map(({ id }) => id),
    ),
    lastWriters(changes, first.tenant, page),
  ]);
  const byResource = Map.groupBy(standings, ({ resourceId }): ResourceId => resourceId);
  return page.map((resource, index) => ({
    resourceType: resource.type,
    facts: facts[index] ?? { id: resource.id, resource: resource.resource, groups: [] },
    serviceProvider: writerOf(resource),
    links: byResource.get(resource.id) ?? [],
  }));
}
