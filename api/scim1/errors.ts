import type { NextFunction, Request, Response } from 'express';
import { ProvostError } from '../../domain/errors.ts';
import { messageToScim1 } from '../../domain/scim1/message-to-scim1.ts';
import { reportUnexpected, setFailureHeaders } from '../failure-answer.ts';
import { formatOf } from './format.ts';
import { errorAsXml } from './xml/answer-as-xml.ts';

/** Error handler of every SCIM 1.1 route: failures in its form (REST API 1.1 §3.9), in the client's format. */
export function renderScim1Error(error: unknown, _request: Request, response: Response, next: NextFunction): void {
  if (response.headersSent) {
    next(error);
    return;
  }
  if (!(error instanceof ProvostError)) {
    sendError(response, 500, reportUnexpected(error, response));
    return;
  }
  const { facts, traits, message } = error;
  setFailureHeaders(response, error);
  sendError(
    response,
    traits.status,
    messageToScim1(facts.path === undefined ? message : `${message} (at ${facts.path})`),
  );
}

function sendError(response: Response, status: number, description: string): void {
  const code = String(status);
  response.status(status);
  if (formatOf(response) === 'xml') response.type('application/xml').send(errorAsXml(description, code));
  else response.type('application/json').send(JSON.stringify({ Errors: [{ description, code }] }));
}
