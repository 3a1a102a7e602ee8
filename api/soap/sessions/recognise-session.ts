import type { RequestHandler } from 'express';
import { ProvostError } from '../../../domain/errors.ts';
import { identifyAs } from '../../identify/authenticate.ts';
import { sessionTokenOf } from './cookie.ts';
import type { SoapSessions } from './sessions.ts';

/**
 * Finds out who calls by a session's cookie, where no credentials are sent. To be put behind what refuses requests of
 * other sites and before authentication, which has the last word on the person and the tenant.
 */
export function recogniseSession({ resume }: Pick<SoapSessions, 'resume'>): RequestHandler {
  return async (request, _response, next) => {
    const token = request.headers.authorization === undefined ? sessionTokenOf(request) : undefined;
    const principal = token === undefined ? undefined : await resume(token);
    if (principal !== undefined) {
      // A page of another site cannot name this type without being asked first (CORS), which nobody answers.
      if (request.headers['content-type'] === undefined)
        throw new ProvostError(
          'UNSUPPORTED_MEDIA_TYPE',
          'With a session, say that the message is XML: send a Content-Type.',
        );
      identifyAs(request, principal);
    }
    next();
  };
}
