import { type RequestHandler, Router } from 'express';
import { ProvostError } from '../../domain/errors.ts';
import { takeJson } from '../body/take-json.ts';
import { noStore } from '../no-store.ts';
import { toProvostError } from '../to-provost-error.ts';
import { createAsyncRequestRoutes } from './asynchronous/status-routes.ts';
import { createBulkRoutes } from './bulk/index.ts';
import type { Scim2Dependencies } from './context.ts';
import { createDiscoveryRoutes, createServiceProviderConfigRoutes } from './discovery/discovery-routes.ts';
import { renderScimError, renderUnexpected, SCIM_MEDIA_TYPE } from './errors.ts';
import { createLister } from './list.ts';
import { createMeRoutes } from './me-routes.ts';
import { answerOptions, createMethodRoutes } from './method-routes.ts';
import { createReadRoutes } from './read-routes.ts';
import { createRolesRoutes } from './roles-routes.ts';
import { createSearchRoutes } from './search-routes.ts';
import { createWriteRoutes } from './write-routes.ts';

/** SCIM 2.0 (RFC 7644), to be mounted at each path under which clients look for it. */
export function createScim2Routes(
  dependencies: Scim2Dependencies,
  limits: { readonly bodyBytes: number; readonly bulkBytes: number },
  behindAuthentication: readonly RequestHandler[],
): Router {
  const routes = Router({ mergeParams: true });
  routes.use(noStore);
  routes.use(createServiceProviderConfigRoutes(dependencies, behindAuthentication));
  routes.use(...behindAuthentication);
  const methodRoutes = createMethodRoutes(dependencies);
  routes.use(answerOptions(methodRoutes));
  routes.use(refuseOtherMediaTypes);
  routes.use(createBulkRoutes(dependencies, limits.bulkBytes));
  routes.use(...takeJson({ limit: limits.bodyBytes, isJson: () => true }));
  const list = createLister(dependencies);
  routes.use(createDiscoveryRoutes(dependencies));
  routes.use(createMeRoutes(dependencies));
  routes.use(createRolesRoutes(dependencies));
  routes.use(createSearchRoutes(dependencies, list));
  routes.use(createAsyncRequestRoutes(dependencies));
  routes.use(createReadRoutes(dependencies, list));
  routes.use(createWriteRoutes(dependencies));
  routes.use(methodRoutes);
  routes.use((_request, _response, next) =>
    next(new ProvostError('NOT_FOUND', 'There is no such SCIM endpoint; /ResourceTypes lists those that exist.')),
  );
  routes.use(toProvostError, renderScimError, renderUnexpected);
  return routes;
}

/** A body is JSON, whatever it is called as long as it is called JSON; clients that say nothing are believed. */
const refuseOtherMediaTypes: RequestHandler = (request, _response, next) => {
  const type = request.headers['content-type'];
  if (type === undefined || /^application\/(?:[\w.-]+\+)?json\b|^text\/json\b/i.test(type)) next();
  else next(new ProvostError('UNSUPPORTED_MEDIA_TYPE', `Send the body as ${SCIM_MEDIA_TYPE}.`));
};
