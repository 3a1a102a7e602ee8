import type { RequestHandler } from 'express';

/** Answers about persons are kept by nobody on the way. Failures too: they name attributes and ids. */
export const noStore: RequestHandler = (_request, response, next) => {
  response.set('Cache-Control', 'no-store');
  next();
};
