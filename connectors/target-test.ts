import { ProvostError } from '../domain/errors.ts';
import type { TenantId } from '../domain/ids.ts';
import type { Target } from '../domain/policy.ts';
import type { Sealer } from '../domain/sealing.ts';
import type { AllowedAddresses } from './http/internal-addresses.ts';
import { createTenantDispatchers } from './http/tenant-dispatchers.ts';
import { openConnector } from './open-connector.ts';

export interface TargetTest {
  /** Proves address and credentials of a target as it is configured. @throws ProvostError `TARGET_*` */
  test(tenant: TenantId, target: Target): Promise<void>;
  close(): Promise<void>;
}

/** Somebody waits in front of a screen: the longest that a test may take, whatever the target's own deadline. */
const PATIENCE_MS = 20_000;

/**
 * What the administration API tests targets with. Tokens are not kept from one test to the next: each proves that the
 * credentials are good now.
 *
 * @param allow networks that targets may be in, see {@link AllowedAddresses}
 */
export function createTargetTest(sealer: Sealer, allow: AllowedAddresses, patienceMs = PATIENCE_MS): TargetTest {
  const dispatchers = createTenantDispatchers(allow);
  return {
    async test(tenant, target) {
      const timeout = AbortSignal.timeout(patienceMs);
      const connector = openConnector(tenant, target, sealer, { dispatcher: dispatchers.of(tenant) });
      try {
        await connector.test(timeout);
      } catch (cause) {
        if (!timeout.aborted || cause !== timeout.reason) throw cause;
        throw new ProvostError('TARGET_UNAVAILABLE', 'The target did not answer in time.', {}, { cause });
      } finally {
        // What was found out about the target stands, whether or not its connector ends well.
        await connector.close().catch(() => undefined);
      }
    },
    close: () => dispatchers.destroy(),
  };
}
