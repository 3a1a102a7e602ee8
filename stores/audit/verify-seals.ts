import type { TenantId } from '../../domain/ids.ts';
import type { AuditHeads } from './heads.ts';
import type { AuditSeal, AuditSeals, SealedHead } from './seals.ts';
import type { AuditTrail } from './trail.ts';

export interface SealsVerdict {
  readonly seals: number;
  readonly broken?: { readonly seal: number; readonly reason: string };
}

export interface VerifySealsDependencies {
  readonly seals: Pick<AuditSeals, 'list' | 'faultOf'>;
  readonly heads: Pick<AuditHeads, 'find'>;
  readonly audit: Pick<AuditTrail, 'ofResource'>;
}

/** Seals that were kept outside of the database, by their number. */
export type KeptSeals = ReadonlyMap<number, Pick<AuditSeal, 'hash'>>;

export type VerifySeals = (tenant: TenantId, kept?: KeptSeals) => Promise<SealsVerdict>;

/**
 * Goes over a tenant's seals from the first: each follows the one before, is authentic, and is the one that was written
 * out, and every chain that it sealed still has the entry that it ended with then.
 */
export function createVerifySeals({ seals, heads, audit }: VerifySealsDependencies): VerifySeals {
  async function faultOfHead(
    tenant: TenantId,
    { resourceId, sequence, hash }: SealedHead,
  ): Promise<string | undefined> {
    const [entry] = await audit.ofResource(tenant, resourceId, { after: sequence - 1, limit: 1 });
    if (entry?.sequence !== sequence) return `entry ${sequence} of ${resourceId} is missing`;
    if (entry.hash !== hash) return `entry ${sequence} of ${resourceId} is not the one that was sealed`;
    const head = await heads.find({ tenant, resourceId });
    return head === undefined || head.sequence < sequence ? `the head of ${resourceId} was put back` : undefined;
  }

  return async (tenant, kept = new Map()) => {
    let before = { number: 0, hash: '' };
    for (;;) {
      const page = await seals.list(tenant, before.number);
      for (const seal of page) {
        const broken = (reason: string): SealsVerdict => ({
          seals: before.number,
          broken: { seal: before.number + 1, reason },
        });
        const fault = await seals.faultOf(seal, before);
        if (fault !== undefined) return broken(fault);
        const outside = kept.get(seal.number);
        if (outside !== undefined && outside.hash !== seal.hash)
          return broken('it is not the one that was written out');
        for (const head of seal.heads) {
          const reason = await faultOfHead(tenant, head);
          if (reason !== undefined) return broken(reason);
        }
        before = seal;
      }
      if (page.length === 0) break;
    }
    const last = Math.max(0, ...kept.keys());
    return last > before.number
      ? { seals: before.number, broken: { seal: before.number + 1, reason: 'seals that were written out are missing' } }
      : { seals: before.number };
  };
}
