import { setTimeout as delay } from 'node:timers/promises';
import { type Connection, Schema } from 'mongoose';
import { takeMoments } from '../domain/call-grid.ts';
import { ProvostError } from '../domain/errors.ts';
import type { TargetId, TenantId } from '../domain/ids.ts';
import { HEALTHY, type TargetHealth } from '../domain/target-health.ts';
import type { RateLimit } from '../domain/target-rules.ts';
import { isDuplicateKey } from './connect.ts';

interface StateDocument {
  readonly _id: string;
  readonly tenant: string;
  readonly target: string;
  /** Counts the writes of `health`. */
  readonly revision: number;
  readonly health: TargetHealth;
  /** Paused, in quarantine, or throttled at some time, so that a worker finds those among many. */
  readonly closed: boolean;
  /** Where the grid of calls goes on. */
  readonly nextCall?: number;
}

const schema = new Schema<StateDocument>(
  {
    _id: { type: String, required: true },
    tenant: { type: String, required: true },
    target: { type: String, required: true },
    revision: { type: Number, required: true },
    health: { type: Schema.Types.Mixed, required: true },
    closed: { type: Boolean, required: true },
    nextCall: { type: Number },
  },
  { collection: 'target-states', versionKey: false, strict: 'throw', minimize: false },
);
schema.index({ closed: 1 });

/** Writers of one target's state that may meet; each round one of them gets through. */
const ATTEMPTS = 100;

export type TargetStateStore = ReturnType<typeof createTargetStateStore>;

/** How each target fares, for all workers together. One document a target, written by comparing what was read. */
export function createTargetStateStore(connection: Connection) {
  const documents = connection.model('TargetState', schema).collection;

  async function read(tenant: TenantId, target: TargetId): Promise<StateDocument | undefined> {
    const found = await documents.findOne({ _id: idOf(tenant, target) as never, tenant });
    return found === null ? undefined : (found as unknown as StateDocument);
  }

  /** @returns whether nobody else wrote since `held` was read */
  async function write(
    tenant: TenantId,
    target: TargetId,
    held: StateDocument | undefined,
    changed: Partial<Pick<StateDocument, 'health' | 'closed' | 'nextCall'>>,
  ): Promise<boolean> {
    const _id = idOf(tenant, target) as never;
    if (held !== undefined) {
      // The grid has its own comparison: calls are taken far more often than health changes.
      const seen =
        changed.health === undefined ? { nextCall: held.nextCall ?? { $exists: false } } : { revision: held.revision };
      const step = changed.health === undefined ? 0 : 1;
      const result = await documents.updateOne({ _id, tenant, ...seen } as never, {
        $set: changed,
        $inc: { revision: step },
      });
      return result.matchedCount === 1;
    }
    try {
      await documents.insertOne({
        _id,
        tenant,
        target,
        revision: 1,
        health: HEALTHY,
        closed: false,
        ...changed,
      } as never);
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }

  return {
    async find(tenant: TenantId, target: TargetId): Promise<TargetHealth> {
      return (await read(tenant, target))?.health ?? HEALTHY;
    },

    /** Those of a tenant that may be closed: paused, in quarantine, throttled at some time. */
    async closedOf(tenant: TenantId): Promise<{ readonly target: TargetId; readonly health: TargetHealth }[]> {
      const found = await documents.find({ tenant, closed: true }).toArray();
      return (found as unknown as StateDocument[]).map(({ target, health }) => ({
        target: target as TargetId,
        health,
      }));
    },

    /** Those of all tenants, by {@link targetKey}: which queues a worker leaves alone. For processes, not for requests. */
    async closed(): Promise<ReadonlyMap<string, TargetHealth>> {
      const found = await documents.find({ closed: true }).toArray();
      return new Map((found as unknown as StateDocument[]).map(({ _id, health }) => [_id, health]));
    },

    /**
     * Reads, changes and writes, again where somebody else wrote in between.
     *
     * @param change pure: it may run several times; undefined or what it was given leaves all as it is
     * @returns what stood before and what stands now
     * @throws ProvostError `CONCURRENT_WRITE` after many rounds
     */
    async update(
      tenant: TenantId,
      target: TargetId,
      change: (health: TargetHealth) => TargetHealth | undefined,
    ): Promise<{ readonly before: TargetHealth; readonly health: TargetHealth; readonly changed: boolean }> {
      for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
        const held = await read(tenant, target);
        const before = held?.health ?? HEALTHY;
        const health = change(before);
        if (health === undefined || health === before) return { before, health: before, changed: false };
        const closed = [health.pause, health.quarantine, health.notBefore].some((reason) => reason !== undefined);
        if (await write(tenant, target, held, { health, closed })) return { before, health, changed: true };
        await delay(Math.random() * Math.min(2 * attempt, 50));
      }
      throw busy();
    },

    /**
     * Takes the next calls of a target, for good.
     *
     * @returns when each may be made, epoch milliseconds
     * @throws ProvostError `CONCURRENT_WRITE` after many rounds
     */
    async takeCalls(
      tenant: TenantId,
      target: TargetId,
      count: number,
      limit: RateLimit,
      now: () => number,
    ): Promise<readonly number[]> {
      for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
        const held = await read(tenant, target);
        const { moments, next } = takeMoments(held?.nextCall, count, limit, now());
        if (await write(tenant, target, held, { nextCall: next })) return moments;
        await delay(Math.random() * Math.min(2 * attempt, 50));
      }
      throw busy();
    },
  };
}

/** What {@link TargetStateStore.closed} names a target by. */
export const targetKey = (tenant: TenantId, target: TargetId): string => idOf(tenant, target);

const idOf = (tenant: TenantId, target: TargetId): string => `${tenant}:${target}`;

const busy = (): ProvostError =>
  new ProvostError('CONCURRENT_WRITE', 'Too many write the state of this target at the same time; try again.');
