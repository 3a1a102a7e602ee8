import { createHash } from 'node:crypto';
import type { Connector } from '../connectors/connector.ts';
import type { TenantId } from '../domain/ids.ts';
import type { Target } from '../domain/policy.ts';

export interface ConnectorsDependencies {
  /** Opens a target's sealed secrets and builds its connector. */
  build(tenant: TenantId, target: Target): Connector;
  now(): number;
  log(message: string, facts: object): void;
}

interface Held {
  readonly settings: string;
  readonly type: string;
  readonly connector: Connector;
  /** Steps that use it now. */
  users: number;
  usedAt: number;
  /** Another one has taken its place: it is closed when nobody uses it. */
  isReplaced: boolean;
}

/** A connector that nobody used for this long is closed; the next step opens another. */
const IDLE_MS = 600_000;
const LOOK_EVERY_MS = 60_000;

/**
 * One connector per target and process, so that connections and tokens are reused. A target whose settings were edited
 * gets a new one; the old one is closed when the steps that use it have ended. One of a target that is gone or rests is
 * closed after a while.
 */
export function createConnectors({ build, now, log }: ConnectorsDependencies) {
  const held = new Map<string, Held>();
  let lookedAt = now();

  /** What cannot be closed is left to the garbage collector: no step and no worker ends for it. */
  async function close({ connector, type }: Held): Promise<void> {
    try {
      await connector.close();
    } catch (error) {
      log('a connector could not be closed', { connector: type, error: String(error) });
    }
  }

  function take(tenant: TenantId, target: Target): Held {
    const id = `${tenant}/${target.id}`;
    const settings = digestOf(target);
    const known = held.get(id);
    if (known?.settings === settings) return known;
    const connector = build(tenant, target);
    const opened = { settings, type: target.connector, connector, users: 0, usedAt: now(), isReplaced: false };
    held.set(id, opened);
    if (known !== undefined) {
      known.isReplaced = true;
      if (known.users === 0) void close(known);
    }
    return opened;
  }

  function closeIdle(): void {
    if (now() - lookedAt < LOOK_EVERY_MS) return;
    lookedAt = now();
    for (const [id, each] of held) {
      if (each.users > 0 || now() - each.usedAt < IDLE_MS) continue;
      held.delete(id);
      void close(each);
    }
  }

  return {
    async withConnector<Result>(
      tenant: TenantId,
      target: Target,
      use: (connector: Connector) => Promise<Result>,
    ): Promise<Result> {
      closeIdle();
      const taken = take(tenant, target);
      taken.users += 1;
      try {
        return await use(taken.connector);
      } finally {
        taken.users -= 1;
        taken.usedAt = now();
        if (taken.isReplaced && taken.users === 0) void close(taken);
      }
    },

    async close(): Promise<void> {
      const all = [...held.values()];
      held.clear();
      await Promise.all(all.map(close));
    },
  };
}

const digestOf = ({ connector, settings, sealedSecrets }: Target): string =>
  createHash('sha256')
    .update(JSON.stringify([connector, settings, sealedSecrets]))
    .digest('base64');
