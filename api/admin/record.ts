import type { AdministrativeEvent, AdministrativeFact } from '../../domain/audit.ts';
import type { TenantId } from '../../domain/ids.ts';
import type { AuditTrail } from '../../stores/audit.ts';
import type { Principal } from '../identify/principal.ts';

export interface RecordDependencies {
  readonly audit: Pick<AuditTrail, 'appendAdministrative'>;
  now(): Date;
}

type Facts = NonNullable<AdministrativeFact['facts']>;

/**
 * Writes into the tenant's trail what an administrator did; of one from another tenant, into the trail of theirs as well.
 * What takes something away is recorded before it is done, what gives something before the caller learns of it: nobody
 * has a secret that is not in the trail.
 */
export type RecordDeed = (
  by: { readonly tenant: TenantId; readonly principal: Pick<Principal, 'tenant' | 'credential'> },
  event: AdministrativeEvent,
  facts: Facts,
) => Promise<void>;

export function createRecord({ audit, now }: RecordDependencies): RecordDeed {
  const underWay = new Map<TenantId, Promise<unknown>>();

  /** One after another in this process: entries of a chain that are appended at once refuse each other. */
  async function append(tenant: TenantId, fact: AdministrativeFact): Promise<void> {
    const before = underWay.get(tenant) ?? Promise.resolve();
    const appended = before.catch(() => undefined).then(() => audit.appendAdministrative(tenant, fact));
    underWay.set(tenant, appended);
    try {
      await appended;
    } finally {
      if (underWay.get(tenant) === appended) underWay.delete(tenant);
    }
  }

  return async ({ tenant, principal }, event, facts) => {
    const deed = { event, at: now().toISOString(), actor: principal.credential };
    if (principal.tenant === tenant) return append(tenant, { ...deed, facts });
    await append(tenant, { ...deed, facts: { ...facts, actorTenant: principal.tenant } });
    await append(principal.tenant, { ...deed, facts: { ...facts, tenant } });
  };
}

/** Most names of a kind in one entry. */
const MOST = 100;

/** Lists as facts: without those that are empty, and none without end. */
export const listed = (lists: Readonly<Record<string, readonly string[]>>): Facts =>
  Object.fromEntries(
    Object.entries(lists).flatMap(([name, values]): [string, Facts[string]][] => {
      const left = values.length - MOST;
      return [
        ...(values.length === 0 ? [] : [[name, values.slice(0, MOST)] as [string, Facts[string]]]),
        ...(left > 0 ? [[`${name}More`, left] as [string, Facts[string]]] : []),
      ];
    }),
  );
