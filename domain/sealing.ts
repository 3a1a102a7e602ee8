/**
 * Keeps a value unreadable at rest. `context` binds what is sealed to its place (tenant, collection, field): moved
 * elsewhere it doesn't open.
 */
export interface Sealer {
  /** Id of the key that seals. */
  readonly activeKey: string;
  seal(value: unknown, context: string): string;
  /** @throws Error where the key is unknown, the context is another, or anything was altered */
  unseal(sealed: string, context: string): unknown;
}
