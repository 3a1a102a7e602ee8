/**
 * An id is taken, and nothing of the tenant explains it. Ids are random, or derived with a key, so only tampering with the
 * database or a fault in the derivation brings this about. It must never be taken for "this is here already".
 */
export class IdCollisionError extends Error {
  constructor(collection: string) {
    super(`A new id in the collection "${collection}" is taken by something that is not the tenant's.`);
    this.name = 'IdCollisionError';
  }
}
