import { type ErrorCode, type ErrorFacts, ProvostError } from '../../domain/errors.ts';
import { isRecord } from '../../domain/scim/json.ts';
import { retryAfterMs } from './retry-after.ts';
import type { TargetAnswer, UnansweredRequest } from './send-request.ts';
import { explanationIn, targetDetail } from './target-detail.ts';

/**
 * What was asked: `look` changes nothing; `create` is a POST; `change` is a PUT, PATCH or DELETE of one account.
 * `conditional-change` also said which version of the account it builds on.
 */
export type Asked = 'look' | 'create' | 'change' | 'conditional-change';

/**
 * The whole account of what the failures of a target that speaks HTTP mean; docs/reference/connectors.md asks it for each status.
 *
 * | what came | when | code |
 * | --- | --- | --- |
 * | 401 | | `TARGET_UNAUTHORISED` |
 * | 403 with Retry-After, 429 | | `TARGET_THROTTLED` |
 * | 403 | | `TARGET_REJECTED`: the credentials were taken and this one thing was refused |
 * | 404, 410 | an account was named | `TARGET_NOT_FOUND` |
 * | 404, 410 | on create | `TARGET_REJECTED` |
 * | 409, 400 with scimType `uniqueness` | | `TARGET_CONFLICT` |
 * | 412 | we named a version | `TARGET_UNAVAILABLE`: the next attempt reads the account again |
 * | 408, 425, 503 with Retry-After | | `TARGET_UNAVAILABLE`: not taken on |
 * | every other 4xx, 501, 505 | | `TARGET_REJECTED` |
 * | 500, 502, 503, 504, every other 5xx | looking | `TARGET_UNAVAILABLE` |
 * | 500, 502, 503, 504, every other 5xx | creating, changing | `TARGET_OUTCOME_UNKNOWN` |
 * | 3xx | | `TARGET_MISCONFIGURED`: redirects are not followed |
 *
 * A 503 that says when to come back was meant; without that it may be a proxy's (Envoy) whose connection broke while the
 * target was at work. A change whose 500 hid its effect must be looked at too, though repeating it would be harmless: what we believe the
 * account to hold would be wrong, and the next change would be compared with that.
 *
 * @param carried values of the request, to be kept out of the error
 */
export function readFailure(
  answer: TargetAnswer,
  asked: Asked,
  carried: readonly unknown[],
  now: number,
): ProvostError {
  const body = parseBody(answer);
  const code = codeOf(answer, asked, body);
  const said = explain(answer, body);
  const wait = retryAfterMs(answer.retryAfter, now);
  const waits = code === 'TARGET_THROTTLED' || code === 'TARGET_UNAVAILABLE' || code === 'TARGET_OUTCOME_UNKNOWN';
  const facts: ErrorFacts = {
    targetStatus: answer.status,
    ...(said === undefined ? {} : { targetDetail: targetDetail(said, carried) }),
    ...(waits && wait !== undefined ? { retryAfterMs: wait } : {}),
  };
  return new ProvostError(code, `${MESSAGES[code]} (HTTP ${answer.status})`, facts);
}

/**
 * The same for a request that was not answered whole.
 *
 * | what happened | when | code |
 * | --- | --- | --- |
 * | no address, no connection, no TLS, no connection in time | | `TARGET_UNAVAILABLE`: nothing was sent |
 * | the address guard refused | | `TARGET_ADDRESS_FORBIDDEN`, as the guard says |
 * | connection broken, no answer in time | looking | `TARGET_UNAVAILABLE` |
 * | connection broken, no answer in time, cancelled by the caller | creating, changing | `TARGET_OUTCOME_UNKNOWN` |
 * | cancelled by the caller | nothing sent, or looking | the signal's own reason |
 */
export function readSilence(silence: UnansweredRequest, asked: Asked): unknown {
  const own = provostErrorIn(silence.cause);
  if (own !== undefined) return own;
  const mayHaveActed = silence.left && asked !== 'look';
  if (silence.reason === 'cancelled' && !mayHaveActed) return silence.cause;
  const code = mayHaveActed ? 'TARGET_OUTCOME_UNKNOWN' : 'TARGET_UNAVAILABLE';
  const how = silence.reason === 'timeout' ? 'in time' : 'whole';
  const message = silence.left ? `The target did not answer ${how}.` : 'The target could not be reached.';
  return new ProvostError(code, message, {}, { cause: silence.cause });
}

const MESSAGES: Partial<Record<ErrorCode, string>> = {
  TARGET_UNAUTHORISED: 'The target refused our credentials; renew them in its settings.',
  TARGET_THROTTLED: 'The target asks us to slow down.',
  TARGET_NOT_FOUND: 'The account is gone at the target.',
  TARGET_CONFLICT: 'The target has another account with the same unique attribute.',
  TARGET_REJECTED: 'The target refused this.',
  TARGET_UNAVAILABLE: 'The target cannot take this now.',
  TARGET_OUTCOME_UNKNOWN: 'The target failed and may have done it nevertheless.',
  TARGET_MISCONFIGURED: 'The target sends us elsewhere; set the final address as its baseUrl.',
};

function codeOf({ status, retryAfter }: TargetAnswer, asked: Asked, body: unknown): ErrorCode {
  if (status < 400) return 'TARGET_MISCONFIGURED';
  switch (status) {
    case 400:
      return isRecord(body) && body['scimType'] === 'uniqueness' ? 'TARGET_CONFLICT' : 'TARGET_REJECTED';
    case 401:
      return 'TARGET_UNAUTHORISED';
    case 403:
      // GitHub's secondary limits: 403, and when to come back.
      return retryAfter === undefined ? 'TARGET_REJECTED' : 'TARGET_THROTTLED';
    case 404:
    case 410:
      return asked === 'create' ? 'TARGET_REJECTED' : 'TARGET_NOT_FOUND';
    case 409:
      return 'TARGET_CONFLICT';
    case 412:
      return asked === 'conditional-change' ? 'TARGET_UNAVAILABLE' : 'TARGET_REJECTED';
    case 429:
      return 'TARGET_THROTTLED';
    case 408:
    case 425:
      return 'TARGET_UNAVAILABLE';
    case 501:
    case 505:
      return 'TARGET_REJECTED';
    default:
      if (status < 500) return 'TARGET_REJECTED';
      if (status === 503 && retryAfter !== undefined) return 'TARGET_UNAVAILABLE';
      return asked === 'look' ? 'TARGET_UNAVAILABLE' : 'TARGET_OUTCOME_UNKNOWN';
  }
}

function parseBody({ text }: TargetAnswer): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}

/** A page of HTML explains nothing; a line of plain text may. */
function explain({ text, isJson }: TargetAnswer, body: unknown): string | undefined {
  const said = explanationIn(body) ?? (isJson || text?.trimStart().startsWith('<') ? undefined : text?.trim());
  const scimType = isRecord(body) && typeof body['scimType'] === 'string' ? body['scimType'] : undefined;
  const parts = [scimType, said].filter((part) => part !== undefined && part !== '');
  return parts.length === 0 ? undefined : parts.join(': ');
}

/** The address guard works inside the dispatcher, which may wrap what it throws. */
function provostErrorIn(cause: unknown): ProvostError | undefined {
  for (let error = cause, depth = 0; error instanceof Error && depth < 5; error = error.cause, depth += 1) {
    if (error instanceof ProvostError) return error;
    if (error instanceof AggregateError) {
      const own = error.errors.find((each) => each instanceof ProvostError);
      if (own instanceof ProvostError) return own;
    }
  }
  return undefined;
}
