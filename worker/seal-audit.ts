import { randomUUID } from 'node:crypto';
import { appendFile } from 'node:fs/promises';
import type { AuditSeal, AuditSeals } from '../stores/audit/seals.ts';
import type { LeaseStore } from '../stores/leases.ts';
import { keepLooking } from './keep-looking.ts';

export interface SealAuditDependencies {
  readonly seals: Pick<AuditSeals, 'sealMoved' | 'writeOut'>;
  readonly leases: LeaseStore;
  readonly everyMs: number;
  /** Each seal becomes a line of JSON in it. */
  readonly file: string | undefined;
  /** Is posted each seal as JSON. */
  readonly webhook: string | undefined;
  /** Posts to addresses that may be called. @returns the status of the answer */
  post(url: string, headers: Readonly<Record<string, string>>, body: string): Promise<number>;
  now(): Date;
  log(message: string, facts: Record<string, unknown>): void;
}

const LEASE = 'audit-seals';
/** Longer than the longest wait for one answer of the webhook, milliseconds. */
const LEASE_MS = 60_000;

/**
 * Seals the heads of audit chains that moved, and writes each seal to where whoever has the database cannot alter it: in
 * the order in which they were made, by one worker of all, and to the webhook again until it takes it. A worker that ends
 * between the answer and the note of it leaves that seal to be posted once more.
 */
export function sealAudit(dependencies: SealAuditDependencies): { stop(): Promise<void> } {
  const { seals, leases, everyMs, file, webhook, now, log } = dependencies;
  const owner = randomUUID();
  const isMine = (): Promise<boolean> => leases.take(LEASE, owner, LEASE_MS);
  /** What is in the log and in the file already, while the webhook does not take it. */
  let kept: string | undefined;

  async function write(seal: AuditSeal): Promise<void> {
    if (!(await isMine())) throw new Error('another worker writes audit seals out');
    if (kept !== seal.hash) {
      log('audit seal', { seal });
      if (file !== undefined) await appendFile(file, `${JSON.stringify(seal)}\n`, { mode: 0o600 });
      kept = seal.hash;
    }
    if (webhook === undefined) return;
    const status = await dependencies.post(webhook, { 'content-type': 'application/json' }, JSON.stringify(seal));
    if (status < 200 || status > 299) throw new Error(`the webhook of audit seals answered ${status}`);
  }

  return keepLooking({
    async look() {
      if (!(await isMine())) return false;
      try {
        await seals.sealMoved(now);
        await seals.writeOut(write);
      } finally {
        await leases.release(LEASE, owner);
      }
      return false;
    },
    everyMs,
    failed: (error) => log('audit seals could not be made or written out; trying again', { error: String(error) }),
  });
}
