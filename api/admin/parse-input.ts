import type { Request } from 'express';
import type { z } from 'zod';
import { ProvostError } from '../../domain/errors.ts';
import { type FieldProblem, InvalidRequest } from './problem.ts';

/**
 * The body of a request, by its schema.
 *
 * @throws ProvostError `UNSUPPORTED_MEDIA_TYPE`, `INVALID_SYNTAX`, or `INVALID_VALUE` with each field at fault
 */
export function parseBody<Schema extends z.ZodType>(request: Request, schema: Schema): z.output<Schema> {
  const body: unknown = request.body;
  if (body === undefined && !acceptsEmpty(schema)) {
    if (request.headers['content-type'] !== undefined && request.is('json') === false) {
      throw new ProvostError('UNSUPPORTED_MEDIA_TYPE', 'Send the body as application/json.');
    }
    throw new ProvostError('INVALID_SYNTAX', 'The request needs a body of type application/json.');
  }
  return parse(schema, body, '');
}

/** The query of a request, by its schema; a parameter that is not in it is refused. */
export const parseQuery = <Schema extends z.ZodType>(request: Request, schema: Schema): z.output<Schema> =>
  parse(schema, { ...request.query }, 'query');

/** @param place what the paths of problems begin with */
export function parse<Schema extends z.ZodType>(schema: Schema, value: unknown, place: string): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new InvalidRequest(result.error.issues.flatMap((issue) => toFieldProblems(issue, place)));
}

const acceptsEmpty = (schema: z.ZodType): boolean => schema.safeParse(undefined).success;

/** Zod names unknown fields all at once at the object that holds them; here each has its own path. */
function toFieldProblems(issue: z.core.$ZodIssue, place: string): FieldProblem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: pathOf([...issue.path, key], place),
      message: 'There is no such field here.',
    }));
  }
  return [{ path: pathOf(issue.path, place), message: issue.message }];
}

/** `['mapping', 'rules', 0, 'target']` → `mapping.rules[0].target` */
const pathOf = (path: readonly PropertyKey[], place: string): string =>
  path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, place);
