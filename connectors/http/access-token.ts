import type { Dispatcher } from 'undici';
import { z } from 'zod';
import { ProvostError } from '../../domain/errors.ts';
import { retryAfterMs } from './retry-after.ts';
import { sendRequest, type TargetAnswer, UnansweredRequest } from './send-request.ts';
import { explanationIn, targetDetail } from './target-detail.ts';

/** An OAuth 2.0 client credentials grant (RFC 6749 §4.4). */
export interface ClientCredentials {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly clientAuthentication: 'basic' | 'post';
  readonly scope?: string | undefined;
  readonly audience?: string | undefined;
  readonly resource?: string | undefined;
}

export interface AccessTokenDependencies {
  readonly dispatcher: Dispatcher;
  readonly timeoutMs: number;
  now(): number;
}

export interface AccessTokens {
  /** A token that is good for a while yet; one request for it however many ask. */
  current(signal: AbortSignal): Promise<string>;
  /** The target refused this token: the next call gets another. Telling it of an older one does nothing. */
  refuse(token: string): void;
  forget(): void;
}

interface HeldToken {
  readonly token: string;
  readonly goodUntil: number;
}

/** A server that doesn't say how long a token lives (RFC 6749 §5.1 only recommends it) is asked this often. */
const ASSUMED_LIFETIME_SECONDS = 300;
const LONGEST_LIFETIME_SECONDS = 24 * 60 * 60;

const tokenAnswer = z.object({
  access_token: z.string().min(1),
  token_type: z.string().optional(),
  // Some servers send it as a string.
  expires_in: z.coerce.number().positive().optional().catch(undefined),
});

/**
 * Keeps an access token until shortly before it expires.
 *
 * @throws ProvostError never `TARGET_OUTCOME_UNKNOWN`: while there is no token, nothing was sent to the target
 */
export function createAccessTokens(
  credentials: ClientCredentials,
  dependencies: AccessTokenDependencies,
): AccessTokens {
  let held: HeldToken | undefined;
  let underWay: Promise<HeldToken> | undefined;

  const renew = (): Promise<HeldToken> => {
    // Not bound to the signal of whoever asked first: the others wait for the same token.
    underWay ??= fetchToken(credentials, dependencies)
      .then((token) => {
        held = token;
        return token;
      })
      .finally(() => {
        underWay = undefined;
      });
    return underWay;
  };

  return {
    async current(signal) {
      signal.throwIfAborted();
      if (held !== undefined && held.goodUntil > dependencies.now()) return held.token;
      return (await unlessAborted(renew(), signal)).token;
    },
    refuse(token) {
      if (held?.token === token) held = undefined;
    },
    forget() {
      held = undefined;
    },
  };
}

async function unlessAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

async function fetchToken(credentials: ClientCredentials, dependencies: AccessTokenDependencies): Promise<HeldToken> {
  const asked = dependencies.now();
  const answer = await ask(credentials, dependencies);
  if (answer.status !== 200) throw refusal(answer, credentials, asked);
  const parsed = tokenAnswer.safeParse(parseJson(answer.text));
  if (!parsed.success || (parsed.data.token_type ?? 'bearer').toLowerCase() !== 'bearer') {
    throw new ProvostError(
      'TARGET_MISCONFIGURED',
      'The token endpoint answered something else than a bearer token; check tokenUrl.',
      { targetStatus: answer.status },
    );
  }
  const lifetime = Math.min(parsed.data.expires_in ?? ASSUMED_LIFETIME_SECONDS, LONGEST_LIFETIME_SECONDS) * 1000;
  // A tenth of its life, at most a minute, for clocks that differ and requests under way.
  return { token: parsed.data.access_token, goodUntil: asked + lifetime - Math.min(lifetime / 10, 60_000) };
}

async function ask(credentials: ClientCredentials, { dispatcher, timeoutMs }: AccessTokenDependencies) {
  const { tokenUrl, clientId, clientSecret, clientAuthentication, scope, audience, resource } = credentials;
  const form = new URLSearchParams({ grant_type: 'client_credentials' });
  for (const [name, value] of Object.entries({ scope, audience, resource }))
    if (value !== undefined) form.set(name, value);
  const headers: Record<string, string> = {
    accept: 'application/json',
    'content-type': 'application/x-www-form-urlencoded',
  };
  if (clientAuthentication === 'basic') {
    // RFC 6749 §2.3.1: both parts form-encoded before they are joined.
    const joined = `${formEncode(clientId)}:${formEncode(clientSecret)}`;
    headers['authorization'] = `Basic ${Buffer.from(joined).toString('base64')}`;
  } else {
    form.set('client_id', clientId);
    form.set('client_secret', clientSecret);
  }
  try {
    const sent = {
      method: 'POST',
      url: tokenUrl,
      headers,
      body: form.toString(),
      timeoutMs,
      maxAnswerBytes: 65_536,
    } as const;
    return await sendRequest(sent, dispatcher, new AbortController().signal);
  } catch (error) {
    const cause = error instanceof UnansweredRequest ? error.cause : error;
    if (cause instanceof ProvostError) throw cause;
    throw new ProvostError('TARGET_UNAVAILABLE', 'The token endpoint did not answer.', {}, { cause });
  }
}

const formEncode = (text: string): string => new URLSearchParams({ '': text }).toString().slice(1);

function refusal(answer: TargetAnswer, credentials: ClientCredentials, now: number): ProvostError {
  const said = explanationIn(parseJson(answer.text));
  const secrets = [credentials.clientSecret, credentials.clientId];
  const facts = {
    targetStatus: answer.status,
    ...(said === undefined ? {} : { targetDetail: targetDetail(said, secrets) }),
  };
  const wait = retryAfterMs(answer.retryAfter, now);
  const later = { ...facts, ...(wait === undefined ? {} : { retryAfterMs: wait }) };
  if (answer.status === 429) return new ProvostError('TARGET_THROTTLED', 'The token endpoint asks to wait.', later);
  if (answer.status >= 500 || answer.status === 408) {
    return new ProvostError('TARGET_UNAVAILABLE', `The token endpoint answered ${answer.status}.`, later);
  }
  if (answer.status === 404 || answer.status < 400) {
    return new ProvostError('TARGET_MISCONFIGURED', 'There is no token endpoint at tokenUrl.', facts);
  }
  return new ProvostError(
    'TARGET_UNAUTHORISED',
    'The token endpoint refused the client; check clientId, clientSecret, clientAuthentication and scope.',
    facts,
  );
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
