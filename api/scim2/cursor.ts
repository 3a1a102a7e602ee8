import { createHash } from 'node:crypto';
import { ProvostError } from '../../domain/errors.ts';
import type { TenantId } from '../../domain/ids.ts';
import type { Sealer } from '../../domain/sealing.ts';
import type { Position } from '../../stores/list/position.ts';

/** How long a cursor is good for, in seconds, where nothing else is configured. */
export const CURSOR_LIFETIME_SECONDS = 3_600;

/** A place between two pages, and which way to read on from it. */
export interface Cursor {
  readonly position: Position;
  readonly towards: 'next' | 'previous';
  /** Results there were when the walk began; what later pages report, so that nothing is counted twice. */
  readonly total: number;
}

export type Cursors = ReturnType<typeof createCursors>;

/**
 * Cursors of RFC 9865: sealed, since a place in a sorted list holds an attribute's value and since only ours may be
 * believed. A cursor opens for the tenant and the query that it was made for, until it expires. Its characters are
 * URL-safe (RFC 9865 §2).
 */
export function createCursors(sealer: Sealer, lifetimeSeconds: number, now: () => Date) {
  const seconds = (): number => Math.floor(now().getTime() / 1000);

  return {
    lifetimeSeconds,

    /** @param query digest of what the cursor walks through, from {@link digestOf} */
    write(tenant: TenantId, query: string, { position, towards, total }: Cursor): string {
      const { id, value } = position;
      return sealer.seal([seconds() + lifetimeSeconds, query, towards, total, id, value ?? null], placeOf(tenant));
    },

    /** @throws ProvostError `INVALID_CURSOR`, `EXPIRED_CURSOR` */
    read(tenant: TenantId, query: string, text: string): Cursor {
      const [expires, madeFor, towards, total, id, value] = open(text, tenant);
      if (typeof expires !== 'number' || expires < seconds())
        throw new ProvostError(
          'EXPIRED_CURSOR',
          `The cursor has expired: cursors are good for ${lifetimeSeconds} seconds. Begin again with an empty cursor.`,
          { path: 'cursor' },
        );
      if (madeFor !== query)
        throw invalid('The cursor is of another query: filter, sortBy and sortOrder must stay the same on every page.');
      return {
        position: { id: String(id), ...(value === null ? {} : { value: value as string | number | boolean }) },
        towards: towards === 'previous' ? 'previous' : 'next',
        total: Number(total),
      };
    },
  };

  function open(text: string, tenant: TenantId): readonly unknown[] {
    try {
      const opened = sealer.unseal(text, placeOf(tenant));
      if (Array.isArray(opened)) return opened;
    } catch (error) {
      throw invalid('The cursor is not one of this server.', error);
    }
    throw invalid('The cursor is not one of this server.');
  }
}

/** Short name of a query: which types, which filter, which order. */
export const digestOf = (parts: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 22);

const placeOf = (tenant: TenantId): string => `${tenant}/scim2/cursor`;

const invalid = (message: string, cause?: unknown): ProvostError =>
  new ProvostError(
    'INVALID_CURSOR',
    `${message} An empty cursor asks for the first page.`,
    { path: 'cursor' },
    cause === undefined ? undefined : { cause },
  );
