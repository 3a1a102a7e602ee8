import { Router } from 'express';
import type { Deviation } from '../../../domain/scim/deviation.ts';
import { takeJson } from '../../body/take-json.ts';
import { keyOf } from '../../change-request.ts';
import { contextOf } from '../../request-context.ts';
import { toProvostError } from '../../to-provost-error.ts';
import { preferenceOf } from '../asynchronous/prefer.ts';
import { sendAccepted } from '../asynchronous/send-accepted.ts';
import { baseUrlOf, type Scim2Dependencies } from '../context.ts';
import { sendScim } from '../render.ts';
import { sayIgnored } from '../say-ignored.ts';
import { sayLimit } from './say-limit.ts';

/** POST /Bulk (RFC 7644 §3.7), with a limit of its own for the body. Who calls is known already. */
export function createBulkRoutes(dependencies: Scim2Dependencies, maxPayloadBytes: number): Router {
  const routes = Router({ mergeParams: true });
  const { bulk } = dependencies;
  if (bulk === undefined) return routes;

  routes.post('/Bulk', ...takeJson({ limit: maxPayloadBytes, isJson: () => true }), async (request, response) => {
    const facts = {
      idempotencyKey: keyOf(request),
      baseUrl: baseUrlOf(request, dependencies),
      observe: (deviations: readonly Deviation[]) => sayIgnored(response, deviations),
    };
    const context = await contextOf(request, dependencies);
    const preference = preferenceOf(request);
    if (!preference.isAsynchronous) {
      sendScim(response, 200, await bulk.run(context, request.body, facts));
      return;
    }
    const record = await bulk.begin(context, request.body, facts);
    const answer = await bulk.answer(record, facts.baseUrl, preference.waitMs);
    if (answer === undefined) sendAccepted(response, facts.baseUrl, record.id);
    else sendScim(response, 200, answer);
  });
  routes.use('/Bulk', toProvostError, sayLimit(maxPayloadBytes));
  return routes;
}
