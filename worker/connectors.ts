import { createHash } from 'node:crypto';
import type { Connector } from '../connectors/connector.ts';
import type { TenantId } from '../domain/ids.ts';
import type { Target } from '../domain/policy.ts';

export interface ConnectorsDependencies {
  /** Opens a target's sealed secrets and builds its connector. */
  build(tenant: TenantId, target: Target): Connector;
}

/**
 * One connector per target and process, so that connections and tokens are reused. A target whose settings were edited
 * gets a new one; the old one is closed when what it still does is done.
 */
export function createConnectors({ build }: ConnectorsDependencies) {
  const held = new Map<string, { readonly settings: string; readonly connector: Connector }>();

  return {
    async connectorFor(tenant: TenantId, target: Target): Promise<Connector> {
      const id = `${tenant}/${target.id}`;
      const settings = digestOf(target);
      const known = held.get(id);
      if (known?.settings === settings) return known.connector;
      const connector = build(tenant, target);
      held.set(id, { settings, connector });
      // Closing waits for requests under way; nobody has to wait for that here.
      if (known !== undefined) void known.connector.close();
      return connector;
    },

    async close(): Promise<void> {
      await Promise.all([...held.values()].map(({ connector }) => connector.close()));
      held.clear();
    },
  };
}

const digestOf = ({ connector, settings, sealedSecrets }: Target): string =>
  createHash('sha256')
    .update(JSON.stringify([connector, settings, sealedSecrets]))
    .digest('base64');
