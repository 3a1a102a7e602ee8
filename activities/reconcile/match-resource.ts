import type { Account } from '../../connectors/connector.ts';
import { asResourceId, type TenantId } from '../../domain/ids.ts';
import type { Policy, Target } from '../../domain/policy.ts';
import { sourceOfAttribute } from '../../domain/reverse-mapping.ts';
import { parseFilter } from '../../domain/scim/filter/parse-filter.ts';
import { resolveFilter } from '../../domain/scim/filter/resolve-filter.ts';
import { resourceTypeNamed } from '../../domain/scim/schema/tenant-types.ts';
import { compileFilter } from '../../stores/filter/compile-filter.ts';
import { BY_ID } from '../../stores/list/order.ts';
import type { ResourceStore, StoredResource } from '../../stores/resources.ts';
import { matchValueOf } from '../provision/match-value.ts';

/**
 * Resources that an account at a target may be: by our own id where the account carries it, else by the first of the
 * target's matching rules that finds any.
 *
 * @returns at most two: two are enough to know that nobody can tell
 */
export async function resourcesLike(
  account: Account,
  resourceType: string,
  { tenant, target, policy }: { readonly tenant: TenantId; readonly target: Target; readonly policy: Policy },
  resources: Pick<ResourceStore, 'find' | 'list'>,
): Promise<readonly Pick<StoredResource, 'id'>[]> {
  const ours = account.content['externalId'];
  if (typeof ours === 'string' && ours !== '') {
    const found = await resources.find(tenant, resourceType, asResourceId(ours));
    if (found !== undefined) return [found];
  }
  const type = resourceTypeNamed(policy, resourceType);
  for (const filter of filtersLike(account, resourceType, target)) {
    const query = compileFilter(resolveFilter(parseFilter(filter), type));
    const found = await resources.list(tenant, [{ type: resourceType, query }], { order: BY_ID, limit: 2 });
    if (found.length > 0) return found;
  }
  return [];
}

/** The target's matching rules turned around, in their order: those of which the account has every value. */
function filtersLike(account: Account, resourceType: string, { mapping, matching, matchBy }: Target): string[] {
  const byName = { attributes: [resourceType === 'Group' ? 'displayName' : matchBy] };
  return (matching?.rules ?? [byName]).flatMap(({ attributes }) => {
    const terms = attributes.flatMap((attribute) => {
      const value = matchValueOf(account.content, attribute);
      const source = sourceOfPath(mapping, attribute);
      return value === undefined || source === undefined ? [] : [`${source} eq ${JSON.stringify(value)}`];
    });
    return terms.length === attributes.length ? [terms.join(' and ')] : [];
  });
}

/** `emails.value` and attributes of extensions are there in a target that is like us; a rule copies whole attributes. */
const sourceOfPath = (mapping: Target['mapping'], attribute: string): string | undefined =>
  mapping.kind === 'like-for-like' ? attribute : sourceOfAttribute(mapping, attribute);
