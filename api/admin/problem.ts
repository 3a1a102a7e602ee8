import type { NextFunction, Request, Response } from 'express';
import { type ErrorCode, ProvostError } from '../../domain/errors.ts';
import { reportUnexpected, setFailureHeaders } from '../failure-answer.ts';

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** One part of a request that is not as it should be; `path` is `settings.baseUrl` in a body, `query.limit` in a query. */
export interface FieldProblem {
  readonly path: string;
  readonly message: string;
}

/** A body or query that doesn't fit its schema, with everything that is wrong at once. */
export class InvalidRequest extends ProvostError {
  readonly errors: readonly FieldProblem[];

  constructor(errors: readonly FieldProblem[], options?: ErrorOptions) {
    super('INVALID_VALUE', 'The request does not fit; `errors` names each part at fault.', {}, options);
    this.errors = errors;
  }
}

/** Something cannot be deleted because other configuration refers to it; `errors` says where. */
export class StillInUse extends Error {
  readonly code = 'IN_USE';
  readonly status = 409;
  readonly errors: readonly FieldProblem[];

  constructor(message: string, errors: readonly FieldProblem[]) {
    super(message);
    this.errors = errors;
  }
}

/** RFC 9457. `code` is stable; `detail` is for people. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode | StillInUse['code'] | 'INTERNAL';
  readonly errors?: readonly FieldProblem[];
}

/** Error handler of the administration API: every failure becomes one form, and none shows how we work inside. */
export function renderProblem(error: unknown, _request: Request, response: Response, next: NextFunction): void {
  if (response.headersSent) {
    next(error);
    return;
  }
  const problem = toProblem(error) ?? problemOf('INTERNAL', 500, reportUnexpected(error, response));
  if (error instanceof ProvostError) setFailureHeaders(response, error);
  response
    .status(problem.status)
    .set('Cache-Control', 'no-store')
    .type(PROBLEM_MEDIA_TYPE)
    .send(JSON.stringify(problem));
}

function toProblem(error: unknown): Problem | undefined {
  if (error instanceof StillInUse) return problemOf(error.code, error.status, error.message, error.errors);
  if (error instanceof InvalidRequest) {
    return problemOf(error.code, error.traits.status, error.message, error.errors);
  }
  if (error instanceof ProvostError) {
    const { path } = error.facts;
    const errors = path === undefined ? undefined : [{ path, message: error.message }];
    return problemOf(error.code, error.traits.status, error.message, errors);
  }
  // Express' own: a path that is not valid percent-encoding.
  if (error instanceof URIError) return problemOf('INVALID_SYNTAX', 400, 'The path of the request is malformed.');
  return undefined;
}

const problemOf = (
  code: Problem['code'],
  status: number,
  detail: string,
  errors?: readonly FieldProblem[],
): Problem => ({
  type: `urn:provost:error:${code.toLowerCase().replaceAll('_', '-')}`,
  title: titleOf(code),
  status,
  detail,
  code,
  ...(errors === undefined ? {} : { errors }),
});

/** `VERSION_MISMATCH` → `Version mismatch` */
const titleOf = (code: string): string => {
  const words = code.toLowerCase().replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};
