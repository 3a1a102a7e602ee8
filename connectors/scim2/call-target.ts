import type { Dispatcher } from 'undici';
import { ProvostError } from '../../domain/errors.ts';
import { type Asked, readFailure, readSilence } from '../http/read-failure.ts';
import { type OutboundRequest, sendRequest, type TargetAnswer, UnansweredRequest } from '../http/send-request.ts';
import type { Authoriser } from './authorise.ts';
import type { Scim2Settings } from './settings.ts';

/** Of one account's answer. */
const MOST_BYTES = 1_048_576;

export interface Call {
  readonly method: OutboundRequest['method'];
  /** Below the base URL, its parts encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Version of the account that a change builds on. */
  readonly ifMatch?: string;
  /** Answers beside 2xx that are no failure here. */
  readonly accept?: (answer: CallAnswer) => boolean;
  readonly maxAnswerBytes?: number;
  /** Values in the address that must not show up in an error. */
  readonly carried?: readonly string[];
  readonly signal: AbortSignal;
}

/** What a target answered, its body parsed; undefined where there is none or where it is no JSON. */
export interface CallAnswer {
  readonly status: number;
  readonly location: string | undefined;
  readonly body: unknown;
  /** There is a body, and it is too long or no JSON. */
  readonly unreadable: boolean;
}

export interface CallDependencies {
  readonly dispatcher: Dispatcher;
  readonly authoriser: Authoriser;
  now(): number;
}

export type CallTarget = (call: Call) => Promise<CallAnswer>;

/**
 * Sends one call to a SCIM target: once, or a second time with new credentials where the first were refused, which says
 * that nothing was done.
 *
 * @throws ProvostError as {@link readFailure} and {@link readSilence} say
 */
export function createCallTarget(settings: Scim2Settings, dependencies: CallDependencies): CallTarget {
  const { authoriser, dispatcher, now } = dependencies;
  const base = withoutEndSlashes(settings.baseUrl);

  const attempt = async (call: Call, mayRenew: boolean): Promise<CallAnswer> => {
    const authorisation = await authoriser.headers(call.signal);
    const answer = await send(toRequest(call, base, settings, authorisation), call, dispatcher);
    if (answer.status === 401 && mayRenew && authoriser.refused(authorisation)) return attempt(call, false);
    const read = parsed(answer);
    if ((answer.status >= 200 && answer.status < 300) || call.accept?.(read)) return read;
    const carried = [call.body, ...(call.carried ?? []), ...authoriser.secretsIn(authorisation)];
    throw readFailure(answer, askedBy(call), carried, now());
  };

  return (call) => attempt(call, true);
}

function withoutEndSlashes(url: string): string {
  let end = url.length;
  while (url.charAt(end - 1) === '/') end -= 1;
  return url.slice(0, end);
}

async function send(request: OutboundRequest, call: Call, dispatcher: Dispatcher): Promise<TargetAnswer> {
  try {
    return await sendRequest(request, dispatcher, call.signal);
  } catch (error) {
    throw error instanceof UnansweredRequest ? readSilence(error, askedBy(call)) : error;
  }
}

function toRequest(
  call: Call,
  base: string,
  settings: Scim2Settings,
  authorisation: Readonly<Record<string, string>>,
): OutboundRequest {
  // Encoded as a part of a URL rather than as a form: some targets don't read + as a space.
  const query = Object.entries(call.query ?? {}).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  const headers: Record<string, string> = {
    'user-agent': 'Provost',
    ...settings.headers,
    accept: 'application/scim+json, application/json;q=0.9',
    ...authorisation,
  };
  if (call.body !== undefined) headers['content-type'] = settings.contentType;
  if (call.ifMatch !== undefined) headers['if-match'] = call.ifMatch;
  return {
    method: call.method,
    url: `${base}/${call.path}${query.length === 0 ? '' : `?${query.join('&')}`}`,
    headers,
    ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
    timeoutMs: settings.requestTimeoutMs,
    maxAnswerBytes: call.maxAnswerBytes ?? MOST_BYTES,
  };
}

function askedBy({ method, ifMatch }: Call): Asked {
  if (method === 'GET') return 'look';
  if (method === 'POST') return 'create';
  return ifMatch === undefined ? 'change' : 'conditional-change';
}

function parsed({ status, location, text }: TargetAnswer): CallAnswer {
  const head = { status, location };
  if (text?.trim() === '') return { ...head, body: undefined, unreadable: false };
  try {
    if (text !== undefined) return { ...head, body: JSON.parse(text), unreadable: false };
  } catch {
    // Said by `unreadable`: what it means depends on what was asked.
  }
  return { ...head, body: undefined, unreadable: true };
}

/** A part of an address that holds somebody's id. */
export function pathPart(remoteId: string): string {
  if (remoteId === '' || remoteId === '.' || remoteId === '..') {
    throw new ProvostError('TARGET_REJECTED', 'The account has an id at the target that no address can hold.');
  }
  return encodeURIComponent(remoteId.toWellFormed());
}
