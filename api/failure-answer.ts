import type { Response } from 'express';
import type { ProvostError } from '../domain/errors.ts';

/** How a caller may prove who he is (RFC 9110 §11.6.1). */
export const CHALLENGE = 'Basic realm="provost", Bearer realm="provost"';

/** What HTTP says of a failure besides its status, whatever the protocol says in the body. */
export function setFailureHeaders(response: Response, { code, facts }: ProvostError): void {
  if (facts.retryAfterMs !== undefined) response.set('Retry-After', String(Math.ceil(facts.retryAfterMs / 1000)));
  if (code === 'UNAUTHENTICATED') response.set('WWW-Authenticate', CHALLENGE);
}

/** What nobody expected goes to the log. @returns what the client learns: the number to ask for */
export function reportUnexpected(error: unknown, response: Response): string {
  const report: unknown = response.app.get('report unexpected');
  const requestId = String(response.locals['requestId'] ?? 'unknown');
  if (typeof report === 'function') report(error, requestId);
  return unexpectedInWords(requestId);
}

export const unexpectedInWords = (requestId: string): string =>
  `Something went wrong here. Name request ${requestId} when you report it.`;
