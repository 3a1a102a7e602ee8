/** A value in a document that is sealed: its path, and what it was sealed for. */
export type SealedPlace = readonly [path: string, context: string];

/** A document as it is stored. */
export interface SealedDocument {
  readonly _id: string;
  readonly tenant?: string;
  readonly [field: string]: unknown;
}

/** Where the documents of a collection may hold sealed values; not each has each. */
export interface SealedCollection {
  readonly collection: string;
  placesIn(document: SealedDocument): readonly SealedPlace[];
}
