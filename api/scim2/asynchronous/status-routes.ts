import { type Request, type Response, Router } from 'express';
import { ProvostError } from '../../../domain/errors.ts';
import { asChangeId } from '../../../domain/ids.ts';
import { findResourceType } from '../../../domain/scim/schema/resource-types.ts';
import { resourceTypesOf } from '../../../domain/scim/schema/tenant-types.ts';
import { principalOf } from '../../identify/authenticate.ts';
import { operationResponse } from '../bulk/bulk-response.ts';
import { baseUrlOf, type Scim2Dependencies } from '../context.ts';
import { sendScim } from '../render.ts';
import { changeOutcome } from './change-outcome.ts';
import { ASYNC_REQUESTS } from './send-accepted.ts';

export const ASYNC_REQUEST_SCHEMA = 'urn:provost:params:scim:api:messages:2.0:AsyncRequest';

/** What there is to know of a request that was answered with 202. */
interface Status {
  readonly received: string;
  readonly operations: number;
  /** The BulkResponse, or how the one operation ended; absent: not known yet. */
  readonly response?: unknown;
}

/**
 * GET /AsyncRequests/{id}: what came of a request with `Prefer: respond-async` (RFC 9967 §2.5.1). Only the client that
 * sent it may ask.
 */
export function createAsyncRequestRoutes(dependencies: Scim2Dependencies): Router {
  const routes = Router({ mergeParams: true });
  const { asynchronous } = dependencies;
  if (asynchronous === undefined) return routes;

  routes.get(`${ASYNC_REQUESTS}/:id`, async (request, response) => {
    const id = String(request.params['id']);
    const status = (await bulkStatus(request, id, dependencies)) ?? (await changeStatus(request, id, dependencies));
    if (status === undefined)
      throw new ProvostError('NOT_FOUND', 'There is no such request of yours, or its outcome is no longer kept.');
    sendStatus(response, baseUrlOf(request, dependencies), id, status);
  });
  return routes;
}

async function bulkStatus(request: Request, id: string, dependencies: Scim2Dependencies): Promise<Status | undefined> {
  const { tenant, credential } = principalOf(request);
  const record = await dependencies.asynchronous?.bulkRequests.find(tenant, id);
  if (record === undefined || record.actor !== credential) return undefined;
  const response = await dependencies.bulk?.answer(record, baseUrlOf(request, dependencies), 0);
  const { receivedAt: received, operations } = record;
  return { received, operations, ...(response === undefined ? {} : { response }) };
}

async function changeStatus(
  request: Request,
  id: string,
  dependencies: Scim2Dependencies,
): Promise<Status | undefined> {
  const { asynchronous } = dependencies;
  const { tenant, credential } = principalOf(request);
  const record = await asynchronous?.changes.find(tenant, asChangeId(id));
  if (asynchronous === undefined || record === undefined || record.actor !== credential) return undefined;
  const { receivedAt: received, resourceType, policyVersion } = record;
  if (dependencies.now().getTime() - Date.parse(received) > asynchronous.keptMs) return undefined;
  const policy = await asynchronous.policyAt(tenant, policyVersion);
  const type = findResourceType(resourceTypesOf(policy), resourceType);
  const result = changeOutcome(record, type, policy);
  const response = result && operationResponse(result, baseUrlOf(request, dependencies));
  return { received, operations: 1, ...(response === undefined ? {} : { response }) };
}

function sendStatus(response: Response, baseUrl: string, id: string, status: Status): void {
  const { received, ...rest } = status;
  const isDone = status.response !== undefined;
  if (!isDone) response.set('Retry-After', '1');
  sendScim(response, 200, {
    schemas: [ASYNC_REQUEST_SCHEMA],
    id,
    status: isDone ? 'completed' : 'pending',
    ...rest,
    meta: { resourceType: 'AsyncRequest', created: received, location: `${baseUrl}${ASYNC_REQUESTS}/${id}` },
  });
}
