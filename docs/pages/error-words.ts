import type { ErrorCode } from '../../domain/errors.ts';

interface ErrorWords {
  readonly means: string;
  /** What the one who reads the code can do. */
  readonly helps: string;
}

/** Every code in words. A code without words does not compile. */
export const ERROR_WORDS: Readonly<Record<ErrorCode, ErrorWords>> = {
  INVALID_SYNTAX: {
    means: 'The body, a path or a header cannot be read.',
    helps: 'Correct the request; the message says where.',
  },
  INVALID_VALUE: {
    means: 'A value is missing, of the wrong type or not allowed.',
    helps: 'Correct the attribute that the message names.',
  },
  INVALID_PATH: {
    means: 'A PATCH path is malformed or names no attribute.',
    helps: 'Correct the path (RFC 7644 §3.5.2).',
  },
  INVALID_FILTER: {
    means: 'A filter is malformed, too deep, or compares what cannot be compared.',
    helps: 'Correct the filter (RFC 7644 §3.4.2.2).',
  },
  INVALID_CURSOR: {
    means: 'A cursor is not one of ours, or belongs to another query.',
    helps: 'Begin again without a cursor (RFC 9865).',
  },
  EXPIRED_CURSOR: { means: 'A cursor is older than cursors are kept.', helps: 'Begin again without a cursor.' },
  INVALID_COUNT: { means: 'The page asked for is longer than pages may be.', helps: 'Ask for fewer with `count`.' },
  NO_TARGET: { means: 'A PATCH path selects nothing.', helps: 'Read the resource and choose a value that is there.' },
  MUTABILITY: { means: 'An attribute is read-only, immutable, or must not go.', helps: 'Leave it as it is.' },
  SENSITIVE: {
    means: 'A query would put a sensitive value into the address.',
    helps: 'Send it as a POST to `/.search`.',
  },
  TOO_MANY: { means: 'There are more operations or results than one request may have.', helps: 'Divide the request.' },
  TOO_LARGE: {
    means: 'The body is longer than `PROVOST_BODY_LIMIT_BYTES`.',
    helps: 'Divide the request, or raise the limit.',
  },
  UNSUPPORTED_MEDIA_TYPE: {
    means: 'The body is of a type that is not read here.',
    helps: 'Send UTF-8 JSON as `application/scim+json`.',
  },
  NOT_IMPLEMENTED: {
    means: 'The standard has it and this service does not.',
    helps: 'See what `/ServiceProviderConfig` promises.',
  },
  METHOD_NOT_ALLOWED: { means: 'This path has no such method.', helps: 'See the `Allow` header.' },
  IDEMPOTENCY_KEY_REUSED: {
    means: 'The `Idempotency-Key` came before with another request.',
    helps: 'Use a new key for each request, and the same for its repetitions only.',
  },
  UNAUTHENTICATED: {
    means: 'Credentials are missing, wrong or expired.',
    helps: 'Send valid ones: HTTP Basic or a bearer token.',
  },
  FORBIDDEN: {
    means: 'The credentials are good and do not allow this.',
    helps: 'Give the credential the scope or role that the message names.',
  },
  CLIENT_THROTTLED: {
    means: 'The client calls more often than `PROVOST_RATE_LIMIT_PER_SECOND`.',
    helps: 'Wait as `Retry-After` says.',
  },
  NOT_FOUND: {
    means: 'There is no such thing in this tenant.',
    helps: 'Check the id, and the tenant of the credentials.',
  },
  UNIQUENESS: { means: 'Another one has this name.', helps: 'Choose another name, or update that one.' },
  VERSION_MISMATCH: {
    means: 'It has changed since the version in `If-Match`.',
    helps: 'Read it again and decide again.',
  },
  CONCURRENT_WRITE: {
    means: 'Somebody else wrote at the same moment.',
    helps: 'Repeat. Inside a change this is done by itself.',
  },
  HANDING_OVER: { means: "The resource's workflow is handing over to its next run.", helps: 'Repeat a moment later.' },
  BULK_REFERENCE_FAILED: {
    means: 'An operation of a bulk request refers to another one that failed.',
    helps: 'Correct the other operation; send both again.',
  },
  OPERATION_UNDER_WAY: {
    means: 'The same is being done already.',
    helps: 'Wait until it has ended, or cancel it.',
  },
  OPERATION_NOT_WAITING: {
    means: 'Nothing waits for this decision: it was made, or the change has ended.',
    helps: 'Look at the change again.',
  },
  APPROVAL_PENDING: {
    means: 'The change was taken and waits for an approval.',
    helps: 'Ask for its outcome later; sending it again with the same key changes nothing.',
  },
  APPROVAL_REFUSED: {
    means: 'An approver refused the change.',
    helps: 'Talk to the approver; send a change that he can approve.',
  },
  APPROVAL_EXPIRED: { means: 'The change was not approved in time.', helps: 'Send it again, as a new request.' },
  APPROVAL_WITHDRAWN: {
    means: 'The change was withdrawn before it was approved.',
    helps: 'Send it again if it is wanted after all.',
  },
  APPROVAL_CANCELLED: {
    means: 'The resource was deactivated or deleted while the change waited for an approval.',
    helps: 'Send it again if it still makes sense.',
  },
  RESTORE_CONFLICT: {
    means:
      'A change cannot be compensated in the store: a unique value that it had freed belongs to another resource by now. The compensation is parked.',
    helps:
      'Free the value and retry, edit the value that is restored, or skip, which keeps the change in the store and brings the targets to it.',
  },
  NO_EARLIER_STATE: {
    means:
      'A change of a `provision-only` service provider cannot be compensated at a target: nothing is stored that says what the account held before. The account stays as it is; the compensation is parked.',
    helps:
      'Send what the account is to hold, as a new request or at the target itself, then skip. A retry cannot help.',
  },
  UNEXPECTED_FAILURE: {
    means:
      'Storing a change, restoring the store or recording an outcome failed in every attempt, for a reason that is not in the request. It is parked, and holds up nothing else.',
    helps: 'Look at the log of the worker, remove the cause, then have an operator retry the change.',
  },
  STORE_UNAVAILABLE: {
    means: 'The database does not answer.',
    helps: 'Repeat with the same `Idempotency-Key`; operators see `/readyz`.',
  },
  ENGINE_UNAVAILABLE: {
    means: 'Temporal, or the issuer of tokens, does not answer.',
    helps: 'Repeat with the same `Idempotency-Key`; operators see `/readyz`.',
  },
  ACKNOWLEDGEMENT_TIMEOUT: {
    means: 'The change was taken and did not come to an answer in time. It goes on.',
    helps: 'Repeat with the same `Idempotency-Key` to learn its outcome.',
  },
  TARGET_REJECTED: {
    means: 'The target refused this one thing.',
    helps: "See the target's own words; correct the data or the mapping, then retry, or skip.",
  },
  TARGET_CONFLICT: {
    means: 'The target has another account with the same unique attribute.',
    helps: 'Link or rename the account there, then retry.',
  },
  TARGET_NOT_FOUND: {
    means: 'The account is gone at the target.',
    helps: 'Retry; a create makes it anew where one is due.',
  },
  TARGET_UNAUTHORISED: {
    means: 'The target does not accept our credentials.',
    helps: "Renew the target's secret, test the target, then retry.",
  },
  TARGET_THROTTLED: {
    means: 'The target asked us to slow down.',
    helps: 'Nothing: it is tried again as its `Retry-After` says. If it stays, lower the concurrency.',
  },
  TARGET_UNAVAILABLE: {
    means: 'The target does not answer, or says that it cannot now.',
    helps: 'Nothing: it is tried again until its retry policy ends.',
  },
  TARGET_OUTCOME_UNKNOWN: {
    means: 'The request left and no whole answer came back, so it may have taken effect.',
    helps: 'Nothing: the next attempt looks first, so that nothing happens twice.',
  },
  TARGET_MATCH_UNDECIDED: {
    means:
      "Whose account it is, a person has to say: the target's matching rules leave it to him, the account that matches is another resource's, or the one that he named is not there.",
    helps: 'Decide about the account: link one, or create another.',
  },
  TARGET_AMBIGUOUS_MATCH: {
    means: 'Several accounts at the target match, and none is known to be the right one.',
    helps: 'Decide which one it is, or leave one there, or match by another attribute, then retry.',
  },
  TARGET_MISCONFIGURED: {
    means: "The target's settings lead nowhere, or the target was removed.",
    helps: 'Correct the settings, test the target, then retry; or skip.',
  },
  TARGET_UNSUPPORTED: {
    means: 'The target cannot do what the step needs, such as disabling or deleting accounts. Nothing was sent.',
    helps: "Correct the target's `deprovision`, `resourceTypes` or `settings.capabilities`, then retry; or skip.",
  },
  TARGET_ADDRESS_FORBIDDEN: {
    means: 'The target is at an internal address, or at a public one without https, that was not allowed.',
    helps: 'Use https, or allow the network with `PROVOST_OUTBOUND_ALLOW` if this is meant.',
  },
  TARGET_CLOSED: {
    means: 'The target is paused, in quarantine, outside its service windows, or asked not to be called yet.',
    helps: 'Nothing: the step goes on by itself when the target is open again. See the state of the target.',
  },
  DELETION_STAGED: {
    means: "More accounts were to be deleted than the target's deletion guard lets through.",
    helps: 'Look why so many go at once, then approve or reject the staged deletions of the target.',
  },
  TARGET_TIMED_OUT: {
    means: 'A step was tried as long as its retry policy allows, without success.',
    helps: 'See why the target failed, then retry, or skip.',
  },
};
