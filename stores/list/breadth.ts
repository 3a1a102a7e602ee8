import type { StoreQuery } from '../filter/compile-filter.ts';

/**
 * How much of a tenant a query can select, judged by its form: `narrow` where an index finds the few there are, `open`
 * where an index finds them and they may be many, `broad` where no index helps.
 */
export type Breadth = 'narrow' | 'open' | 'broad';

/** Fields that an index of stores/resources.ts begins with, after tenant and type. */
const INDEXED: ReadonlySet<string> = new Set([
  '_id',
  'k.userName',
  'k.externalId',
  'k.emails.value',
  'k.displayName',
  'k.meta.lastModified',
]);

export function breadthOf(query: StoreQuery, prefix = ''): Breadth {
  const parts = Object.entries(query).map(([name, value]) => breadthOfPart(name, value, prefix));
  return narrowest(parts);
}

function breadthOfPart(name: string, value: unknown, prefix: string): Breadth {
  if (name === '$and' && Array.isArray(value)) return narrowest(value.map((part) => breadthOf(part, prefix)));
  if (name === '$or' && Array.isArray(value)) return broadest(value.map((part) => breadthOf(part, prefix)));
  if (name.startsWith('$')) return 'broad';
  const field = `${prefix}${name}`;
  if (typeof value !== 'object' || value === null) return INDEXED.has(field) ? 'narrow' : 'broad';
  const test = value as Readonly<Record<string, unknown>>;
  if (typeof test['$elemMatch'] === 'object' && test['$elemMatch'] !== null)
    return breadthOf(test['$elemMatch'] as StoreQuery, `${field}.`);
  if (!INDEXED.has(field)) return 'broad';
  if ('$in' in test) return 'narrow';
  const isPrefix = typeof test['$regex'] === 'string' && test['$regex'].startsWith('^');
  return isPrefix || ['$gt', '$gte', '$lt', '$lte'].some((operator) => operator in test) ? 'open' : 'broad';
}

const narrowest = (parts: readonly Breadth[]): Breadth =>
  parts.includes('narrow') ? 'narrow' : parts.includes('open') ? 'open' : 'broad';

const broadest = (parts: readonly Breadth[]): Breadth =>
  parts.includes('broad') ? 'broad' : parts.includes('open') ? 'open' : 'narrow';
