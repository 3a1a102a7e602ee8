import type { Connector } from '../connectors/connector.ts';
import { createTenantDispatchers } from '../connectors/http/tenant-dispatchers.ts';
import { openConnector } from '../connectors/open-connector.ts';
import type { TenantId } from '../domain/ids.ts';
import type { Target } from '../domain/policy.ts';
import type { Sealer } from '../domain/sealing.ts';
import type { AllowedNetworks } from '../platform/config/format.ts';

/**
 * How this process builds the connector of any target: tenants share the connections of one dispatcher, but those that have
 * networks of their own. Connections that idle end by themselves and keep no process alive.
 *
 * @param allow networks that targets may be in besides public ones
 */
export function createTargetConnector(
  sealer: Sealer,
  allow: AllowedNetworks,
): (tenant: TenantId, target: Target) => Connector {
  const dispatchers = createTenantDispatchers(allow);
  return (tenant, target) => openConnector(tenant, target, sealer, { dispatcher: dispatchers.of(tenant) });
}
