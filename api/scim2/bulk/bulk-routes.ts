import express, { type ErrorRequestHandler, Router } from 'express';
import { isProvostError, ProvostError } from '../../../domain/errors.ts';
import { keyOf } from '../../change-request.ts';
import { principalOf } from '../../identify/authenticate.ts';
import { toProvostError } from '../../to-provost-error.ts';
import { preferenceOf } from '../asynchronous/prefer.ts';
import { sendAccepted } from '../asynchronous/send-accepted.ts';
import { baseUrlOf, type Scim2Dependencies } from '../context.ts';
import { sendScim } from '../render.ts';

/** POST /Bulk (RFC 7644 §3.7), with a limit of its own for the body. Who calls is known already. */
export function createBulkRoutes(dependencies: Scim2Dependencies, maxPayloadBytes: number): Router {
  const routes = Router({ mergeParams: true });
  const { bulk } = dependencies;
  if (bulk === undefined) return routes;

  routes.post('/Bulk', express.json({ limit: maxPayloadBytes, type: () => true }), async (request, response) => {
    const facts = { idempotencyKey: keyOf(request), baseUrl: baseUrlOf(request, dependencies) };
    const preference = preferenceOf(request);
    if (!preference.isAsynchronous) {
      sendScim(response, 200, await bulk.run(principalOf(request), request.body, facts));
      return;
    }
    const record = await bulk.begin(principalOf(request), request.body, facts);
    const answer = await bulk.answer(record, facts.baseUrl, preference.waitMs);
    if (answer === undefined) sendAccepted(response, facts.baseUrl, record.id);
    else sendScim(response, 200, answer);
  });
  routes.use('/Bulk', toProvostError, sayLimit(maxPayloadBytes));
  return routes;
}

/** The limit that counts here, in the words of RFC 7644 §3.7.4. */
const sayLimit =
  (maxPayloadBytes: number): ErrorRequestHandler =>
  (error: unknown, _request, _response, next) => {
    // Too many operations have a message of their own.
    if (!isProvostError(error, 'TOO_LARGE') || error.cause === undefined) next(error);
    else
      next(
        new ProvostError(
          'TOO_LARGE',
          `The size of the bulk operation exceeds the maxPayloadSize (${maxPayloadBytes}). Divide it.`,
          {},
          { cause: error },
        ),
      );
  };
