import type { ChangeId, ServiceProviderId, TenantId } from '../domain/ids.ts';
import type { ResourceStore, StoredResource } from './resources.ts';

/** Resource types that targets take, in the order in which all resources are walked. */
const TYPES = ['User', 'Group'] as const;

/**
 * One page of all resources that targets take: users first, each type in the order of ids.
 *
 * @param cursor of the page before; absent: from the beginning
 * @returns resources of one type, and the cursor of the page behind them, absent where this was the last
 */
export async function walkResources(
  resources: Pick<ResourceStore, 'walk'>,
  tenant: TenantId,
  cursor: string | undefined,
  limit: number,
): Promise<{ readonly type: string; readonly page: readonly StoredResource[]; readonly next?: string }> {
  const [given = '', after = ''] = cursor?.split('/') ?? [];
  const at = Math.max((TYPES as readonly string[]).indexOf(given), 0);
  const type = TYPES[at] ?? 'User';
  const page = await resources.walk(tenant, type, after, limit);
  const last = page.at(-1);
  if (last !== undefined && page.length === limit) return { type, page, next: `${type}/${last.id}` };
  const following = TYPES[at + 1];
  return { type, page, ...(following === undefined ? {} : { next: `${following}/` }) };
}

/** Who wrote this version. Taking a change back is done for whoever made the change. */
export const writerOf = ({ change }: StoredResource): ChangeId => change.replace(/#undone$/, '') as ChangeId;

/** Service providers that wrote these resources last. */
export async function lastWriters(
  changes: {
    serviceProvidersOf(tenant: TenantId, ids: readonly ChangeId[]): Promise<Map<ChangeId, ServiceProviderId>>;
  },
  tenant: TenantId,
  page: readonly StoredResource[],
): Promise<(resource: StoredResource) => ServiceProviderId | undefined> {
  const found = page.length === 0 ? undefined : await changes.serviceProvidersOf(tenant, page.map(writerOf));
  return (resource) => found?.get(writerOf(resource));
}
