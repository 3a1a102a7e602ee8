import type { AuditEntry } from '../../domain/audit.ts';
import { hasEnded } from '../../domain/change.ts';
import type { ChangeId, ResourceId, TenantId } from '../../domain/ids.ts';
import type { ChangeStore } from '../changes.ts';
import { hashOf, isSame } from './authenticate.ts';
import type { AuditHeads, ChainEnd, HeadDocument } from './heads.ts';
import type { AuditKeys } from './keys.ts';
import { type AuditTrail, BEGINNING } from './trail.ts';

export interface ChainVerdict {
  readonly entries: number;
  /** Sequence of the first entry that does not fit, with what is wrong there. */
  readonly broken?: { readonly sequence: number; readonly reason: string };
}

export interface VerifyDependencies {
  readonly audit: Pick<AuditTrail, 'ofResource' | 'count' | 'withoutEntry'>;
  readonly heads: Pick<AuditHeads, 'find' | 'isAuthentic'>;
  readonly keys: Pick<AuditKeys, 'find'>;
  readonly changes: Pick<ChangeStore, 'list'>;
  now(): number;
}

export type VerifyChain = (tenant: TenantId, resourceId: ResourceId) => Promise<ChainVerdict>;

/** Entries that are read at once. */
const PAGE = 500;
/** Changes that are looked up at once. */
const CHANGES = 200;
/** How long the last entries of a change may take to be written after its record says that it ended. */
const SETTLING_MS = 5 * 60_000;

/**
 * Computes a chain again from its first entry, and compares it with its head and with the resource's changes: an entry
 * altered, forged, removed anywhere, or the whole chain removed, is seen.
 */
export function createVerifyChain({ audit, heads, keys, changes, now }: VerifyDependencies): VerifyChain {
  return async (tenant, resourceId) => {
    const head = await heads.find({ tenant, resourceId });
    const broken = (await faultOfHead(head)) ?? (await faultInChain(tenant, resourceId, head));
    const entries = await audit.count(tenant, resourceId);
    if (broken !== undefined) return { entries, broken };
    const unrecorded = await changeWithoutEntry(tenant, resourceId);
    if (unrecorded === undefined) return { entries };
    return { entries, broken: { sequence: entries + 1, reason: `the change ${unrecorded} ended and has no entry` } };
  };

  async function faultOfHead(head: HeadDocument | undefined): Promise<ChainVerdict['broken']> {
    if (head === undefined || (await heads.isAuthentic(head))) return undefined;
    return { sequence: head.sequence, reason: 'the head of the chain was altered' };
  }

  async function faultInChain(
    tenant: TenantId,
    resourceId: ResourceId,
    head: HeadDocument | undefined,
  ): Promise<ChainVerdict['broken']> {
    let end = BEGINNING;
    for (;;) {
      const page = await audit.ofResource(tenant, resourceId, { after: end.sequence, limit: PAGE });
      for (const entry of page) {
        const reason = await faultOfEntry(entry, end, head);
        if (reason !== undefined) return { sequence: end.sequence + 1, reason };
        end = entry;
      }
      if (page.length < PAGE) break;
    }
    if (head === undefined)
      return end.sequence === 0 ? undefined : { sequence: end.sequence, reason: 'the head of the chain is missing' };
    return end.sequence < head.sequence
      ? { sequence: end.sequence + 1, reason: 'entries at the end are missing' }
      : undefined;
  }

  /** Why an entry does not continue a chain that has ended so far at `end`. */
  async function faultOfEntry(
    { hash, ...entry }: AuditEntry,
    end: ChainEnd,
    head: HeadDocument | undefined,
  ): Promise<string | undefined> {
    const { sequence } = entry;
    if (sequence !== end.sequence + 1) return 'an entry is missing';
    if (entry.previousHash !== end.hash) return 'it does not follow the entry before it';
    if (entry.key === undefined && !isMarked(sequence, head)) return 'it carries no key';
    const key = entry.key === undefined ? undefined : await keys.find(entry.key);
    if (entry.key !== undefined && key === undefined) return 'its key is unknown';
    if (!isSame(hashOf(entry, key), hash)) return 'its content was altered';
    return sequence === head?.sequence && hash !== head.hash ? 'it is not the entry that the head names' : undefined;
  }

  /** A change that ended and of which the trail says nothing. */
  async function changeWithoutEntry(tenant: TenantId, resourceId: ResourceId): Promise<ChangeId | undefined> {
    const before = new Date(now() - SETTLING_MS).toISOString();
    for (let last: { receivedAt: string; id: ChangeId } | undefined; ; ) {
      const page = await changes.list(tenant, { resourceId, limit: CHANGES, ...(last && { before: last }) });
      const ended = page.filter(({ state, settledAt = '' }) => hasEnded(state) && settledAt < before);
      const [missing] = await audit.withoutEntry(
        tenant,
        resourceId,
        ended.map(({ id }) => id),
      );
      if (missing !== undefined) return missing;
      last = page.at(-1);
      if (last === undefined || page.length < CHANGES) return undefined;
    }
  }
}

const isMarked = (sequence: number, head: HeadDocument | undefined): boolean =>
  head?.unkeyed?.some(([first, last]) => first <= sequence && sequence <= last) ?? false;
