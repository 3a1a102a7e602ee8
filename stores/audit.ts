import type { Connection } from 'mongoose';
import type { Sealer } from '../domain/sealing.ts';
import { type AuditAlarm, createAuditAlarmStore } from './audit/alarms.ts';
import { createAuditHeads } from './audit/heads.ts';
import { createAuditKeys } from './audit/keys.ts';
import { createAuditSeals } from './audit/seals.ts';
import { createAuditTrail } from './audit/trail.ts';
import { createVerifyChain } from './audit/verify.ts';
import { createVerifySeals } from './audit/verify-seals.ts';
import type { ChangeStore } from './changes.ts';
import type { SecretStore } from './secrets.ts';

export interface AuditSettings {
  readonly sealer: Sealer;
  readonly secrets: SecretStore;
  readonly changes: Pick<ChangeStore, 'list'>;
  readonly now: () => number;
  /** Called for each alarm, beside its record. */
  readonly onAlarm?: (alarm: AuditAlarm) => void;
}

export type AuditTrail = ReturnType<typeof openAuditTrail>;

/** The audit trail with its keys, its heads apart from it, its alarms and its verification. */
export function openAuditTrail(connection: Connection, { sealer, secrets, changes, now, onAlarm }: AuditSettings) {
  const keys = createAuditKeys(secrets, sealer);
  const heads = createAuditHeads(connection, keys);
  const alarms = createAuditAlarmStore(connection);
  const trail = createAuditTrail(connection, {
    keys,
    heads,
    now,
    async onAlarm(alarm) {
      onAlarm?.(alarm);
      await alarms.raise(alarm);
    },
  });
  const seals = createAuditSeals(connection, keys);
  return {
    ...trail,
    alarms,
    seals,
    chainsOf: heads.chainsOf,
    verify: createVerifyChain({ audit: trail, heads, keys, changes, now }),
    verifySeals: createVerifySeals({ seals, heads, audit: trail }),
  };
}
