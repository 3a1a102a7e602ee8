import type { Connection } from 'mongoose';
import type { TenantId } from '../domain/ids.ts';

/** Attributes of users whose values are given out, and mean something to the systems that read them. */
export type AssignedAttribute = 'roles' | 'entitlements';

/** One value that users have. */
export interface AssignedValue {
  readonly value: string;
  readonly display?: string;
  readonly type?: string;
  /** Users who have it. */
  readonly used: number;
}

/** Most different values that are looked at. */
export const MOST_ASSIGNED_VALUES = 10_000;

/** How long an answer is remembered, milliseconds: for the list, all users who have such a value are looked at. */
const REMEMBERED_MS = 10_000;
const MOST_REMEMBERED = 1_000;

export type AssignedValues = ReturnType<typeof createAssignedValues>;

/**
 * The values of roles and entitlements that a tenant's users have. The list is up to ten seconds old, however many ask.
 *
 * @param now milliseconds
 */
export function createAssignedValues(connection: Connection, now: () => number) {
  const resources = connection.collection('resources');
  return {
    /** Each value once, in the order of the values. */
    list: remembering(now, listValues),
    hasAny,
  };

  /** Whether any user has one: one look at an index. */
  async function hasAny(tenant: TenantId, attribute: AssignedAttribute): Promise<boolean> {
    const found = await resources.findOne(having(tenant, attribute), { projection: { _id: 1 } });
    return found !== null;
  }

  async function listValues(tenant: TenantId, attribute: AssignedAttribute): Promise<AssignedValue[]> {
    const held = `$r.${attribute}`;
    const found = await resources
      .aggregate([
        { $match: having(tenant, attribute) },
        { $unwind: held },
        { $match: { [`r.${attribute}.value`]: { $exists: true } } },
        {
          $group: {
            _id: `${held}.value`,
            display: { $max: `${held}.display` },
            type: { $max: `${held}.type` },
            used: { $sum: 1 },
          },
        },
        { $sort: { _id: 1 } },
        { $limit: MOST_ASSIGNED_VALUES },
      ])
      .toArray();
    return found.map(({ _id, display, type, used }) => ({
      value: String(_id),
      ...(typeof display === 'string' ? { display } : {}),
      ...(typeof type === 'string' ? { type } : {}),
      used: Number(used),
    }));
  }
}

/** Served by a sparse index of its own for each attribute: see stores/resources.ts. */
const having = (tenant: TenantId, attribute: AssignedAttribute) => ({
  tenant,
  type: 'User',
  [`k.${attribute}.value`]: { $exists: true },
});

/** One question at a time for each tenant and attribute, and none while the last answer is fresh. */
function remembering<T>(now: () => number, ask: (tenant: TenantId, attribute: AssignedAttribute) => Promise<T>) {
  const remembered = new Map<string, { readonly answer: Promise<T>; readonly until: number }>();
  return (tenant: TenantId, attribute: AssignedAttribute): Promise<T> => {
    const key = `${tenant} ${attribute}`;
    const known = remembered.get(key);
    if (known !== undefined && known.until > now()) return known.answer;
    remembered.delete(key);
    const [oldest] = remembered.keys();
    if (remembered.size >= MOST_REMEMBERED && oldest !== undefined) remembered.delete(oldest);
    const answer = ask(tenant, attribute);
    remembered.set(key, { answer, until: now() + REMEMBERED_MS });
    answer.catch(() => remembered.delete(key));
    return answer;
  };
}
