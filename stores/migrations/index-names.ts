import type { Collection } from 'mongoose';

/** What servers answer where there is no such collection. */
const NAMESPACE_NOT_FOUND = 26;

/** @returns the names of a collection's indexes; undefined where there is no such collection */
export async function indexNames(documents: Collection): Promise<ReadonlySet<string> | undefined> {
  try {
    return new Set((await documents.listIndexes().toArray()).map(({ name }) => String(name)));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === NAMESPACE_NOT_FOUND) return undefined;
    throw error;
  }
}
