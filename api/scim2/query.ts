import type { Request } from 'express';
import { ProvostError } from '../../domain/errors.ts';
import type { Selection } from './render.ts';

/** A query parameter that may be given once. Names are compared as clients write them. */
export function parameter(request: Request, name: string): string | undefined {
  const value = request.query[name];
  if (value === undefined || value === '') return undefined;
  if (typeof value !== 'string')
    throw new ProvostError('INVALID_VALUE', `The parameter ${name} must be given once.`, { path: name });
  return value;
}

/** @throws ProvostError `INVALID_VALUE` where both are given (RFC 7644 §3.9 allows one) */
export function selectionOf(request: Request): Selection {
  return selection(parameter(request, 'attributes'), parameter(request, 'excludedAttributes'));
}

export function selection(attributes: string | undefined, excluded: string | undefined): Selection {
  if (attributes !== undefined && excluded !== undefined) {
    throw new ProvostError('INVALID_VALUE', 'Send attributes or excludedAttributes, not both.', {
      path: 'excludedAttributes',
    });
  }
  return {
    ...(attributes === undefined ? {} : { attributes: names(attributes) }),
    ...(excluded === undefined ? {} : { excludedAttributes: names(excluded) }),
  };
}

const names = (list: string): string[] =>
  list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
