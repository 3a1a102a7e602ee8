import type { ChangeRequest } from '../change.ts';
import type { ErrorCode, ErrorFacts, ProvostError } from '../errors.ts';
import type { ResourceId } from '../ids.ts';

export type BulkMethod = 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A failure in a form that can be stored. */
export interface BulkError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly facts: ErrorFacts;
}

/** An operation as its answer shows it again (RFC 7644 §3.7.3). */
export interface ShownOperation {
  /** Its place in the request, from 0. */
  readonly operation: number;
  readonly method: string;
  readonly bulkId?: string;
  /** Endpoint of its resource type, e.g. `/Users`; absent where the path names none. */
  readonly endpoint?: string;
  readonly resourceId?: ResourceId;
}

/**
 * One change that a bulk request makes, in the order in which it can be made. An operation is one step, or two where it
 * is part of a circle of references: created without them first, completed when all of the circle exist.
 */
export interface BulkStep {
  /** Its place in the whole sequence, from 0. Nothing waits for a later one. */
  readonly position: number;
  readonly shown: ShownOperation;
  /** Steps that must have ended before, however they ended. */
  readonly after: readonly number[];
  /** Steps that must have succeeded before: what they made is referred to. */
  readonly needs: readonly number[];
  readonly work: BulkWork;
  /** For the first of two steps: the position of the second. */
  readonly completedBy?: number;
  /** For the second of two steps: takes the resource away again, where the circle cannot be closed. */
  readonly takeBack?: ChangeRequest;
}

export type BulkWork =
  | { readonly kind: 'refused'; readonly error: BulkError }
  | { readonly kind: 'change'; readonly change: ChangeRequest; readonly urgent: boolean };

/** How one operation ended. */
export type BulkResult = ShownOperation &
  ({ readonly version: number; readonly error?: never } | { readonly error: BulkError; readonly version?: never });

export const toBulkError = ({ code, message, facts }: ProvostError): BulkError => ({ code, message, facts });
