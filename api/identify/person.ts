import { maySignIn } from '../../domain/account.ts';
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
  /** Neither disabled nor locked. */
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
      active: maySignIn(found.resource),
    };
  };

/** Whether a user may act here, or is disabled or locked, or is no user. */
export type FindStanding = (tenant: TenantId, user: ResourceId) => Promise<'may-act' | 'barred' | 'unknown'>;

/** How a user stands whom a credential or a token speaks for. */
export const createFindStanding =
  (resources: Pick<ResourceStore, 'find'>): FindStanding =>
  async (tenant, user) => {
    const found = await resources.find(tenant, 'User', user);
    if (found === undefined) return 'unknown';
    return maySignIn(found.resource) ? 'may-act' : 'barred';
  };
