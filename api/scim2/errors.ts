import type { NextFunction, Request, Response } from 'express';
import { ProvostError } from '../../domain/errors.ts';
import { reportUnexpected, setFailureHeaders } from '../failure-answer.ts';

export const ERROR_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:Error';
export const SCIM_MEDIA_TYPE = 'application/scim+json';

/** A failure as SCIM words it (RFC 7644 §3.12). Okta and Entra show `detail` to their administrator. */
export const scimError = (
  error: ProvostError,
): { schemas: string[]; status: string; scimType?: string; detail: string } => ({
  schemas: [ERROR_SCHEMA],
  status: String(error.traits.status),
  ...(error.traits.scimType === undefined ? {} : { scimType: error.traits.scimType }),
  detail: error.facts.path === undefined ? error.message : `${error.message} (at ${error.facts.path})`,
});

/** Error handler of every SCIM route; expects that the outer handler has turned anything else into a ProvostError. */
export function renderScimError(error: unknown, _request: Request, response: Response, next: NextFunction): void {
  if (!(error instanceof ProvostError)) {
    next(error);
    return;
  }
  setFailureHeaders(response, error);
  sendError(response, error.traits.status, scimError(error));
}

/** Without `charset`, as every other answer: JSON is UTF-8. */
function sendError(response: Response, status: number, body: object): void {
  response.status(status).setHeader('Content-Type', SCIM_MEDIA_TYPE);
  response.end(JSON.stringify(body));
}

/** What nobody expected, still in SCIM's form; the outer handler has nothing better to say, but it has the log. */
export function renderUnexpected(error: unknown, _request: Request, response: Response, next: NextFunction): void {
  if (response.headersSent) {
    next(error);
    return;
  }
  sendError(response, 500, { schemas: [ERROR_SCHEMA], status: '500', detail: reportUnexpected(error, response) });
}
