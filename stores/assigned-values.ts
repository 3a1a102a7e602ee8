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

export type AssignedValues = ReturnType<typeof createAssignedValues>;

/** The values of roles and entitlements that a tenant's users have, each once, in the order of the values. */
export function createAssignedValues(connection: Connection) {
  return async (tenant: TenantId, attribute: AssignedAttribute): Promise<AssignedValue[]> => {
    const held = `$r.${attribute}`;
    const found = await connection
      .collection('resources')
      .aggregate([
        { $match: { tenant, type: 'User', [`k.${attribute}.value`]: { $exists: true } } },
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
  };
}
