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

/**
 * Resources that an account at a target may be: by our own id where the account carries it, else by the attribute that
 * the target's accounts are matched by.
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
  const attribute = resourceType === 'Group' ? 'displayName' : target.matchBy;
  const value = account.content[attribute];
  const source = sourceOfAttribute(target.mapping, attribute);
  if (typeof value !== 'string' || value === '' || source === undefined) return [];
  const type = resourceTypeNamed(policy, resourceType);
  const query = compileFilter(resolveFilter(parseFilter(`${source} eq ${JSON.stringify(value)}`), type));
  return resources.list(tenant, [{ type: resourceType, query }], { order: BY_ID, limit: 2 });
}
