import { ProvostError } from '../../../domain/errors.ts';
import { decodeCursor, encodeCursor, type Page } from '../page.ts';
import type { AttentionItem, AttentionRequest, AttentionSource } from './source.ts';

/** A page over all sources, one behind the other: the cursor says which is next, and where in it. */
export async function attentionList(
  sources: readonly AttentionSource[],
  request: Omit<AttentionRequest, 'after'>,
  cursor: string | undefined,
): Promise<Page<AttentionItem>> {
  const [from, place] = decodeCursor(cursor, 2) ?? [];
  const first = from === undefined ? 0 : sources.findIndex(({ kind }) => kind === from);
  if (first === -1)
    throw new ProvostError('INVALID_CURSOR', 'This cursor is not from this list; begin again without one.', {
      path: 'query.cursor',
    });
  const items: AttentionItem[] = [];
  for (const source of sources.slice(first)) {
    if (items.length >= request.limit) return { items, next: encodeCursor([source.kind, '']) };
    const after = source.kind === from && place !== '' ? place : undefined;
    const part = await source.read({
      ...request,
      limit: request.limit - items.length,
      ...(after === undefined ? {} : { after }),
    });
    items.push(...part.items);
    if (part.next !== undefined) return { items, next: encodeCursor([source.kind, part.next]) };
  }
  return { items };
}
