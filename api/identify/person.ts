import { uniqueKey } from '../../domain/apply-change.ts';
import { asTenantId, type ResourceId, type TenantId } from '../../domain/ids.ts';
import { PRIMARY_STORE } from '../../domain/policy.ts';
import { foldCase } from '../../domain/scim/fold-case.ts';
import type { ResourceStore } from '../../stores/resources.ts';

/** A user who may identify himself by his own password. */
export interface Person {
  readonly tenant: TenantId;
  readonly user: ResourceId;
  /** argon2id, in PHC form; absent where he has no password here. */
  readonly passwordHash?: string;
  readonly active: boolean;
}

export type FindPerson = (name: string) => Promise<Person | undefined>;

/**
 * Users by `userName@tenant`, the form of WSO2's clients. A user name may have an `@` of its own: the last one counts.
 *
 * @returns undefined for a name of another form, and where there is no such user
 */
export const createFindPerson =
  (resources: Pick<ResourceStore, 'findByKey'>): FindPerson =>
  async (name) => {
    const [, userName, tenant] = /^(.+)@([a-z0-9-]{1,63})$/s.exec(name) ?? [];
    if (userName === undefined || tenant === undefined) return undefined;
    const key = uniqueKey(PRIMARY_STORE, 'userName', foldCase(userName));
    const found = await resources.findByKey(asTenantId(tenant), 'User', key);
    if (found === undefined) return undefined;
    return {
      tenant: found.tenant,
      user: found.id,
      ...(found.passwordHash === undefined ? {} : { passwordHash: found.passwordHash }),
      active: found.resource['active'] !== false,
    };
  };
