import type { NextFunction, Request, Response } from 'express';
import { ProvostError } from '../../domain/errors.ts';
import { formatOf } from './format.ts';
import { errorAsXml } from './xml/answer-as-xml.ts';

/** Error handler of every SCIM 1.1 route: failures in its form (REST API 1.1 §3.9), in the client's format. */
export function renderScim1Error(error: unknown, _request: Request, response: Response, next: NextFunction): void {
  if (response.headersSent) {
    next(error);
    return;
  }
  if (!(error instanceof ProvostError)) {
    sendError(response, 500, unexpected(error, response));
    return;
  }
  const { facts, traits, message, code } = error;
  if (facts.retryAfterMs !== undefined) response.set('Retry-After', String(Math.ceil(facts.retryAfterMs / 1000)));
  if (code === 'UNAUTHENTICATED') response.set('WWW-Authenticate', 'Basic realm="provost", Bearer realm="provost"');
  sendError(response, traits.status, facts.path === undefined ? message : `${message} (at ${facts.path})`);
}

/** What nobody expected goes to the log; the client learns the request's id. */
function unexpected(error: unknown, response: Response): string {
  const report: unknown = response.app.get('report unexpected');
  const requestId = String(response.locals['requestId']);
  if (typeof report === 'function') report(error, requestId);
  return `Something went wrong here. Name request ${requestId} when you report it.`;
}

function sendError(response: Response, status: number, description: string): void {
  const code = String(status);
  response.status(status);
  if (formatOf(response) === 'xml') response.type('application/xml').send(errorAsXml(description, code));
  else response.type('application/json').send(JSON.stringify({ Errors: [{ description, code }] }));
}
