import type { KeyObject } from 'node:crypto';
import type { Sealer } from '../../domain/sealing.ts';
import type { SecretStore } from '../secrets.ts';

/** The key that a chain is authenticated with, under the name that entries and heads give. */
export interface AuditKey {
  readonly id: string;
  readonly key: KeyObject;
}

export interface AuditKeys {
  /** Authenticates what is new. */
  active(): Promise<AuditKey>;
  find(id: string): Promise<AuditKey | undefined>;
}

/**
 * One audit key for each encryption key that was ever the active one: rotating the latter brings a new audit key, and
 * re-sealing keeps the older ones readable.
 */
export function createAuditKeys(secrets: SecretStore, sealer: Pick<Sealer, 'activeKey'>): AuditKeys {
  const nameOf = (id: string): string => `audit/${id}`;
  return {
    async active() {
      const id = sealer.activeKey;
      return { id, key: await secrets.obtain(nameOf(id)) };
    },
    async find(id) {
      const key = await secrets.find(nameOf(id));
      return key === undefined ? undefined : { id, key };
    },
  };
}
