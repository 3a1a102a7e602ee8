import type { NextFunction, Request, Response } from 'express';
import { ProvostError } from '../../domain/errors.ts';
import { reportUnexpected, setFailureHeaders } from '../failure-answer.ts';
import type { Service } from './contract/operation.ts';
import { type SoapVersion, versionByMediaType } from './message/envelope.ts';
import { type Fault, faultStatus, mediaTypeOf, writeFault } from './message/write-fault.ts';

interface Spoken {
  readonly version: SoapVersion;
  /** Once its operation has begun, whose exceptions then are in the detail. */
  readonly service?: Service;
}

const spoken = new WeakMap<Response, Spoken>();

/** Remembers what a request speaks, for the fault that may come of it. */
export const speak = (response: Response, as: Spoken): void => void spoken.set(response, as);

/** Error handler of the SOAP services; what is no failure of ours is left to the next. */
export function renderFault(error: unknown, request: Request, response: Response, next: NextFunction): void {
  if (error instanceof ProvostError && !response.headersSent) send(request, response, error);
  else next(error);
}

/** What nobody expected, still as a fault: a client of SOAP reads nothing else. */
export function renderUnexpectedFault(error: unknown, request: Request, response: Response, next: NextFunction): void {
  if (response.headersSent) {
    next(error);
    return;
  }
  const message = reportUnexpected(error, response);
  // Any code will do: it is not shown, and what it says of the status is not asked.
  send(request, response, new ProvostError('STORE_UNAVAILABLE', message), 'INTERNAL');
}

function send(request: Request, response: Response, error: ProvostError, code: string = error.code): void {
  const { version, service } = spoken.get(response) ?? { version: versionByMediaType(request.headers['content-type']) };
  const fault: Fault = { error, service };
  setFailureHeaders(response, error);
  response
    .status(faultStatus(fault))
    // The stable code, which a fault has no place for that every client can read.
    .set('Provost-Error', code)
    .type(mediaTypeOf(version))
    .send(writeFault(version, fault));
}
