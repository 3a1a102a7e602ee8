import type { Dispatcher } from 'undici';
import { createGuardedDispatcher } from './guarded-dispatcher.ts';
import { type AllowedAddresses, allowedFor } from './internal-addresses.ts';

export interface TenantDispatchers {
  /** The dispatcher for a tenant's calls; for undefined, the one for the installation's own. */
  of(tenant: string | undefined): Dispatcher;
  close(): Promise<void>;
  destroy(): Promise<void>;
}

/**
 * Guarded dispatchers: one for each tenant that has networks of its own, and one that all others share. A connection that
 * one tenant may have is never another's.
 */
export function createTenantDispatchers(allow: AllowedAddresses): TenantDispatchers {
  const named = allow === 'any' ? [] : allow.flatMap(({ tenant }) => (tenant === undefined ? [] : [tenant]));
  const own = new Map(
    named.map((tenant) => [tenant, createGuardedDispatcher({ allow: allowedFor(allow, tenant) })] as const),
  );
  const shared = createGuardedDispatcher({ allow: allowedFor(allow, undefined) });
  const all = [shared, ...own.values()];
  return {
    of: (tenant) => (tenant === undefined ? undefined : own.get(tenant)) ?? shared,
    close: async () => void (await Promise.all(all.map((dispatcher) => dispatcher.close()))),
    destroy: async () => void (await Promise.all(all.map((dispatcher) => dispatcher.destroy()))),
  };
}
