import type { ResourceId, TargetId, TenantId } from '../../domain/ids.ts';
import type { LinkStore } from '../../stores/links.ts';
import type { MembershipStore } from '../../stores/memberships.ts';

export interface CompareMembersDependencies {
  readonly links: Pick<LinkStore, 'remoteIds'>;
  readonly memberships: Pick<MembershipStore, 'page'>;
}

/** How the members of a group at a target differ from those that it should hold, by their ids there. */
export interface MemberDifference {
  readonly missing: readonly string[];
  /** Those who are in the group there and not here, whoever they are. */
  readonly surplus: readonly string[];
}

/** Members looked up at once. */
const PAGE = 500;

/** Whoever has no account at the target is told of when it appears, and is no difference. */
export async function compareMembers(
  held: readonly string[],
  { tenant, target, group }: { readonly tenant: TenantId; readonly target: TargetId; readonly group: ResourceId },
  { links, memberships }: CompareMembersDependencies,
): Promise<MemberDifference> {
  const surplus = new Set(held);
  const missing: string[] = [];
  for (let after = ''; ; ) {
    const page = (await memberships.page(tenant, group, after, PAGE)).map(({ member }) => member);
    const accounts = await links.remoteIds(tenant, target, page);
    for (const account of accounts.values()) if (!surplus.delete(account)) missing.push(account);
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return { missing, surplus: [...surplus] };
    after = last;
  }
}

export const isDifferent = ({ missing, surplus }: MemberDifference): boolean => missing.length + surplus.length > 0;
