import { appendFile } from 'node:fs/promises';
import type { AuditSeal, AuditSeals } from '../stores/audit/seals.ts';
import { keepLooking } from './keep-looking.ts';

export interface SealAuditDependencies {
  readonly seals: Pick<AuditSeals, 'sealMoved' | 'writeOut'>;
  readonly everyMs: number;
  /** Each seal becomes a line of JSON in it. */
  readonly file: string | undefined;
  /** Is posted each seal as JSON. */
  readonly webhook: string | undefined;
  now(): Date;
  log(message: string, facts: Record<string, unknown>): void;
}

const PATIENCE_MS = 10_000;

/** Seals the heads of audit chains that moved, and writes each seal to where whoever has the database cannot alter it. */
export function sealAudit({ seals, everyMs, file, webhook, now, log }: SealAuditDependencies) {
  async function write(seal: AuditSeal): Promise<void> {
    log('audit seal', { seal });
    if (file !== undefined) await appendFile(file, `${JSON.stringify(seal)}\n`, { mode: 0o600 });
    if (webhook === undefined) return;
    const { ok, status } = await fetch(webhook, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(seal),
      redirect: 'error',
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (!ok) throw new Error(`the webhook of audit seals answered ${status}`);
  }

  return keepLooking({
    async look() {
      await seals.sealMoved(now);
      await seals.writeOut(write);
      return false;
    },
    everyMs,
    failed: (error) => log('audit seals could not be made or written out; trying again', { error: String(error) }),
  });
}
