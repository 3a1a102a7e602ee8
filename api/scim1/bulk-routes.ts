import { type Request, Router } from 'express';
import { type Deviation, Deviations } from '../../domain/scim/deviation.ts';
import { fromBulkResponse, toBulkRequest } from '../../domain/scim1/bulk.ts';
import { messageToScim1 } from '../../domain/scim1/message-to-scim1.ts';
import { takeJson } from '../body/take-json.ts';
import { keyOf } from '../change-request.ts';
import { contextOf } from '../request-context.ts';
import { sayLimit } from '../scim2/bulk/index.ts';
import { baseUrlOf, type Scim2Dependencies } from '../scim2/context.ts';
import { sayIgnored } from '../scim2/say-ignored.ts';
import { toProvostError } from '../to-provost-error.ts';
import { isKnownTo1 } from './find-type.ts';
import { bodyFormat } from './format.ts';
import { sendJson } from './send.ts';

/**
 * POST /Bulk (REST API 1.1 §3.8): the same durable run as in SCIM 2.0. JSON only, with a limit of its own for the body.
 * To be mounted before what reads other bodies; without bulk in the dependencies there is no such path.
 */
export function createBulkRoutes1(dependencies: Scim2Dependencies, maxPayloadBytes: number): Router {
  const routes = Router({ mergeParams: true });
  const { bulk } = dependencies;
  if (bulk === undefined) return routes;
  const isJson = (request: Request): boolean => bodyFormat(request) === 'json';

  routes.post('/Bulk', ...takeJson({ limit: maxPayloadBytes, isJson }), async (request, response, next) => {
    if (!isJson(request)) return next();
    const context = await contextOf(request, dependencies);
    const types = context.types.filter(isKnownTo1);
    const own = new Deviations(context.serviceProvider.conformance);
    const { request: wanted, refused } = toBulkRequest(request.body, types, own);
    const facts = {
      idempotencyKey: keyOf(request),
      baseUrl: baseUrlOf(request, dependencies),
      dialect: 'scim1' as const,
      observe: (deviations: readonly Deviation[]) => sayIgnored(response, [...own.list, ...deviations], messageToScim1),
    };
    sendJson(response, fromBulkResponse(await bulk.run(context, wanted, facts), refused));
  });
  routes.use('/Bulk', toProvostError, sayLimit(maxPayloadBytes));
  return routes;
}
