/**
 * Every failure that Provost can name. A code is stable: it crosses Temporal as the failure's `type`, is shown to
 * clients and listed in docs/reference/errors.md.
 *
 * `kind` says what went wrong in general; `status` and `scimType` are what HTTP and SCIM say (RFC 7644 §3.12);
 * `retryable` is the whole retry policy: whether doing the same again can help without anybody changing anything.
 */
export type ErrorKind =
  | 'rejected'
  | 'conflict'
  | 'not-found'
  | 'unauthorised'
  | 'forbidden'
  | 'throttled'
  | 'unavailable'
  | 'unknown-outcome';

export type ScimType =
  | 'invalidFilter'
  | 'tooMany'
  | 'uniqueness'
  | 'mutability'
  | 'invalidSyntax'
  | 'invalidPath'
  | 'noTarget'
  | 'invalidValue'
  | 'invalidVers'
  | 'sensitive'
  | 'invalidCursor'
  | 'expiredCursor'
  | 'invalidCount';

export interface ErrorTraits {
  readonly kind: ErrorKind;
  readonly status: number;
  readonly scimType?: ScimType;
  readonly retryable: boolean;
}

export const ERRORS = {
  // What a client sent.
  INVALID_SYNTAX: { kind: 'rejected', status: 400, scimType: 'invalidSyntax', retryable: false },
  INVALID_VALUE: { kind: 'rejected', status: 400, scimType: 'invalidValue', retryable: false },
  INVALID_PATH: { kind: 'rejected', status: 400, scimType: 'invalidPath', retryable: false },
  INVALID_FILTER: { kind: 'rejected', status: 400, scimType: 'invalidFilter', retryable: false },
  INVALID_CURSOR: { kind: 'rejected', status: 400, scimType: 'invalidCursor', retryable: false },
  EXPIRED_CURSOR: { kind: 'rejected', status: 400, scimType: 'expiredCursor', retryable: false },
  INVALID_COUNT: { kind: 'rejected', status: 400, scimType: 'invalidCount', retryable: false },
  NO_TARGET: { kind: 'rejected', status: 400, scimType: 'noTarget', retryable: false },
  MUTABILITY: { kind: 'rejected', status: 400, scimType: 'mutability', retryable: false },
  SENSITIVE: { kind: 'rejected', status: 403, scimType: 'sensitive', retryable: false },
  TOO_MANY: { kind: 'rejected', status: 400, scimType: 'tooMany', retryable: false },
  TOO_LARGE: { kind: 'rejected', status: 413, retryable: false },
  UNSUPPORTED_MEDIA_TYPE: { kind: 'rejected', status: 415, retryable: false },
  NOT_IMPLEMENTED: { kind: 'rejected', status: 501, retryable: false },
  METHOD_NOT_ALLOWED: { kind: 'rejected', status: 405, retryable: false },
  IDEMPOTENCY_KEY_REUSED: { kind: 'rejected', status: 422, retryable: false },
  // Who sent it.
  UNAUTHENTICATED: { kind: 'unauthorised', status: 401, retryable: false },
  FORBIDDEN: { kind: 'forbidden', status: 403, retryable: false },
  CLIENT_THROTTLED: { kind: 'throttled', status: 429, retryable: true },
  // What is stored.
  NOT_FOUND: { kind: 'not-found', status: 404, retryable: false },
  UNIQUENESS: { kind: 'conflict', status: 409, scimType: 'uniqueness', retryable: false },
  VERSION_MISMATCH: { kind: 'conflict', status: 412, retryable: false },
  /** A concurrent write won; reading again and deciding again is right. */
  CONCURRENT_WRITE: { kind: 'conflict', status: 409, retryable: true },
  /** The resource's workflow is handing over to its next run; the same request succeeds a moment later. */
  HANDING_OVER: { kind: 'unavailable', status: 503, retryable: true },
  /** An operation of a bulk request refers to one that failed. */
  BULK_REFERENCE_FAILED: { kind: 'conflict', status: 409, retryable: false },
  OPERATION_NOT_WAITING: { kind: 'conflict', status: 409, retryable: false },
  OPERATION_UNDER_WAY: { kind: 'conflict', status: 409, retryable: false },
  /** Taken, and not done before it is approved. */
  APPROVAL_PENDING: { kind: 'unavailable', status: 202, retryable: false },
  APPROVAL_REFUSED: { kind: 'forbidden', status: 403, retryable: false },
  APPROVAL_EXPIRED: { kind: 'forbidden', status: 403, retryable: false },
  APPROVAL_WITHDRAWN: { kind: 'conflict', status: 409, retryable: false },
  /** The resource was deactivated or deleted meanwhile. */
  APPROVAL_CANCELLED: { kind: 'conflict', status: 409, retryable: false },
  /** A change cannot be compensated in the store: a unique value that it had freed is another resource's by now. */
  RESTORE_CONFLICT: { kind: 'conflict', status: 409, retryable: false },
  /** A change cannot be compensated at a target: nothing is stored of the resource that says what the account held before. */
  NO_EARLIER_STATE: { kind: 'conflict', status: 409, retryable: false },
  /** Work on our own database failed in every attempt, for a reason that is not the change's. */
  UNEXPECTED_FAILURE: { kind: 'unavailable', status: 500, retryable: false },
  STORE_UNAVAILABLE: { kind: 'unavailable', status: 503, retryable: true },
  ENGINE_UNAVAILABLE: { kind: 'unavailable', status: 503, retryable: true },
  ACKNOWLEDGEMENT_TIMEOUT: { kind: 'unknown-outcome', status: 503, retryable: true },
  // What a target said.
  TARGET_REJECTED: { kind: 'rejected', status: 502, retryable: false },
  TARGET_CONFLICT: { kind: 'conflict', status: 502, retryable: false },
  TARGET_NOT_FOUND: { kind: 'not-found', status: 502, retryable: false },
  TARGET_UNAUTHORISED: { kind: 'unauthorised', status: 502, retryable: false },
  TARGET_THROTTLED: { kind: 'throttled', status: 503, retryable: true },
  TARGET_UNAVAILABLE: { kind: 'unavailable', status: 503, retryable: true },
  /** The request left and no whole answer came back: it may have taken effect. Look before sending again. */
  TARGET_OUTCOME_UNKNOWN: { kind: 'unknown-outcome', status: 503, retryable: true },
  TARGET_AMBIGUOUS_MATCH: { kind: 'conflict', status: 502, retryable: false },
  TARGET_MATCH_UNDECIDED: { kind: 'conflict', status: 502, retryable: false },
  TARGET_MISCONFIGURED: { kind: 'rejected', status: 502, retryable: false },
  /** Its connector or its settings say that it cannot do this; nothing was sent, and nothing else is done instead. */
  TARGET_UNSUPPORTED: { kind: 'rejected', status: 502, retryable: false },
  TARGET_ADDRESS_FORBIDDEN: { kind: 'forbidden', status: 502, retryable: false },
  /** Paused, in quarantine, outside its service windows, or asked to be left alone: the step waits, and was not tried. */
  TARGET_CLOSED: { kind: 'unavailable', status: 503, retryable: true },
  /** More deletions than the target's guard lets through: an operator approves or rejects them. */
  DELETION_STAGED: { kind: 'rejected', status: 503, retryable: false },
  TARGET_TIMED_OUT: { kind: 'unavailable', status: 504, retryable: false },
} as const satisfies Record<string, ErrorTraits>;

export type ErrorCode = keyof typeof ERRORS;

/** Typed facts that travel with a failure. None of them is personal data or a secret. */
export interface ErrorFacts {
  /** SCIM attribute or path at fault, e.g. `emails[type eq "work"].value`. */
  readonly path?: string;
  /** Milliseconds until trying again makes sense (from Retry-After or a rate limit). */
  readonly retryAfterMs?: number;
  /** A worker is taking over from one that is gone; asking at once only keeps it from doing so. */
  readonly catchingUp?: boolean;
  /** Status that a target itself answered: of HTTP, or the result code of another protocol. Absent where it said nothing. */
  readonly targetStatus?: number;
  /** Tried for as long, or as often, as the target's retry policy allows. */
  readonly givenUp?: boolean;
  /** What the target said, shortened to 500 characters and stripped of values. */
  readonly targetDetail?: string;
}

/** The one error class: a stable code, a message that tells the reader what to do, typed facts, the cause kept. */
export class ProvostError extends Error {
  readonly code: ErrorCode;
  readonly facts: ErrorFacts;

  constructor(code: ErrorCode, message: string, facts: ErrorFacts = {}, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ProvostError';
    this.code = code;
    this.facts = facts;
  }

  get traits(): ErrorTraits {
    return ERRORS[this.code];
  }
}

/** Whether this is a failure of ours, with that code if one is given. */
export const isProvostError = (error: unknown, code?: ErrorCode): error is ProvostError =>
  error instanceof ProvostError && (code === undefined || error.code === code);

/** What is no failure but a question: a person answers it, whatever the target's failure policy says. */
const QUESTIONS: ReadonlySet<string> = new Set<ErrorCode>([
  'DELETION_STAGED',
  'TARGET_AMBIGUOUS_MATCH',
  'TARGET_MATCH_UNDECIDED',
  'TARGET_UNSUPPORTED',
]);

export const asksAPerson = (code: string): boolean => QUESTIONS.has(code);

export const isErrorCode = (value: unknown): value is ErrorCode => typeof value === 'string' && value in ERRORS;
