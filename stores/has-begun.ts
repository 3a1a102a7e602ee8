import type { ChangeRecord } from './changes.ts';
import type { MembershipStore } from './memberships.ts';
import type { ResourceStore } from './resources.ts';

export interface BegunStores {
  readonly memberships: Pick<MembershipStore, 'hasWritten'>;
  readonly resources: Pick<ResourceStore, 'wrote'>;
}

/** Whether anything of a change is in the store: an attempt may have been cut off between its writes. */
export const hasBegun = async (
  { tenant, resourceId, id }: Pick<ChangeRecord, 'tenant' | 'resourceId' | 'id'>,
  { memberships, resources }: BegunStores,
): Promise<boolean> => (await resources.wrote(tenant, resourceId, id)) || (await memberships.hasWritten(tenant, id));
