import type { RequestHandler } from 'express';
import { ProvostError } from '../../domain/errors.ts';

/** `X-HTTP-Method-Override` on a POST (REST API 1.1 §3.5), for clients behind proxies that let nothing else through. */
export const overrideMethod: RequestHandler = (request, _response, next) => {
  const wanted = request.headers['x-http-method-override'];
  if (request.method !== 'POST' || typeof wanted !== 'string' || wanted.trim() === '') return next();
  const method = wanted.trim().toUpperCase();
  if (!['POST', 'PUT', 'PATCH', 'DELETE'].includes(method))
    return next(new ProvostError('METHOD_NOT_ALLOWED', 'X-HTTP-Method-Override is PUT, PATCH or DELETE, on a POST.'));
  request.method = method;
  next();
};
