import type { Connector } from '../connectors/connector.ts';
import { createGuardedDispatcher } from '../connectors/http/guarded-dispatcher.ts';
import { openConnector } from '../connectors/open-connector.ts';
import type { TenantId } from '../domain/ids.ts';
import type { Target } from '../domain/policy.ts';
import type { Sealer } from '../domain/sealing.ts';
import type { AllowedNetworks } from '../platform/config/format.ts';

/**
 * How this process builds the connector of any target: all share the connections of one dispatcher, which refuses
 * internal addresses. Connections that idle end by themselves and keep no process alive.
 *
 * @param allow internal networks that targets may be in
 */
export function createTargetConnector(
  sealer: Sealer,
  allow: AllowedNetworks,
): (tenant: TenantId, target: Target) => Connector {
  const dispatcher = createGuardedDispatcher({ allow });
  return (tenant, target) => openConnector(tenant, target, sealer, { dispatcher });
}
