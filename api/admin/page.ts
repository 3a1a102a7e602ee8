import { z } from 'zod';
import { ProvostError } from '../../domain/errors.ts';

const LIMIT = 'Use a whole number from 1 to 200.';

/** Query parameters of every list. A page is found by the last key of the one before it, so nothing is skipped or shown twice while others write. */
export const pageQuery = {
  limit: z.coerce
    .number(LIMIT)
    .int(LIMIT)
    .min(1, LIMIT)
    .max(200, LIMIT)
    .default(50)
    .describe('Most items on the page, 1 to 200.'),
  cursor: z.string().min(1).max(500).optional().describe('`next` of the page before.'),
};

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Cursor of the next page; absent on the last one. */
  readonly next?: string;
}

/** @param found up to one more than the limit, which tells whether there is another page */
export function toPage<Item>(
  found: readonly Item[],
  limit: number,
  keyOf: (last: Item) => readonly string[],
): Page<Item> {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items, ...(found.length > limit && last !== undefined ? { next: encodeCursor(keyOf(last)) } : {}) };
}

/** Clients must not read anything into a cursor. */
export const encodeCursor = (key: readonly string[]): string => Buffer.from(JSON.stringify(key)).toString('base64url');

/**
 * @param parts how many parts a key of this list has
 * @throws ProvostError `INVALID_CURSOR` for what no page of this list gave out
 */
export function decodeCursor(cursor: string | undefined, parts: number): readonly string[] | undefined {
  if (cursor === undefined) return undefined;
  const key = z.array(z.string()).length(parts).safeParse(jsonIn(cursor));
  if (!key.success) {
    throw new ProvostError('INVALID_CURSOR', 'This cursor is not from a page of this list; begin again without one.', {
      path: 'query.cursor',
    });
  }
  return key.data;
}

function jsonIn(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return undefined;
  }
}

/** Schema of a page of these items, under this name. */
export const pageOf = <Item extends z.ZodType>(name: string, item: Item) =>
  z
    .object({
      items: z.array(item),
      next: z.string().optional().describe('Cursor of the next page; absent on the last one.'),
    })
    .meta({ id: name });
