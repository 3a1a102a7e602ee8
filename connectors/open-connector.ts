import { isProvostError, ProvostError } from '../domain/errors.ts';
import type { TenantId } from '../domain/ids.ts';
import type { Target } from '../domain/policy.ts';
import type { Sealer } from '../domain/sealing.ts';
import { targetSecretContext } from '../domain/target-secret-context.ts';
import type { Connector } from './connector.ts';
import { type ConnectorDependencies, createConnector } from './registry.ts';

/**
 * Builds the connector of a configured target: opens its sealed settings and puts them to the others.
 *
 * @throws ProvostError `TARGET_MISCONFIGURED` where a secret can no longer be opened, or the connector takes its
 * settings no more
 */
export function openConnector(
  tenant: TenantId,
  target: Target,
  sealer: Sealer,
  dependencies: ConnectorDependencies,
): Connector {
  const secrets = Object.entries(target.sealedSecrets).map(([name, sealed]) => [
    name,
    open(sealer, sealed, name, targetSecretContext(tenant, target, name)),
  ]);
  try {
    return createConnector(target.connector, { ...target.settings, ...Object.fromEntries(secrets) }, dependencies);
  } catch (cause) {
    if (!isProvostError(cause, 'INVALID_VALUE')) throw cause;
    throw new ProvostError('TARGET_MISCONFIGURED', cause.message, cause.facts, { cause });
  }
}

function open(sealer: Sealer, sealed: string, name: string, context: string): unknown {
  try {
    return sealer.unseal(sealed, context);
  } catch (cause) {
    const path = `settings.${name}`;
    throw new ProvostError(
      'TARGET_MISCONFIGURED',
      `${path} can no longer be opened; set it again.`,
      { path },
      { cause },
    );
  }
}
