import { type RequestHandler, Router } from 'express';
import { ProvostError } from '../../domain/errors.ts';
import { noStore } from '../no-store.ts';
import type { Scim2Dependencies } from '../scim2/context.ts';
import { createLister } from '../scim2/list.ts';
import { toProvostError } from '../to-provost-error.ts';
import { createBulkRoutes1 } from './bulk-routes.ts';
import { createSchemaRoutes1, createServiceProviderConfigsRoutes } from './discovery-routes.ts';
import { renderScim1Error } from './errors.ts';
import { takeFormat } from './format.ts';
import { createMethodRoutes1 } from './method-routes.ts';
import { overrideMethod } from './override-method.ts';
import { takeBody } from './read-body.ts';
import { createReadRoutes1 } from './read-routes.ts';
import { createWriteRoutes1 } from './write-routes.ts';

/**
 * SCIM 1.1 over the same resources and changes as SCIM 2.0, to be mounted at each path under which clients look for it.
 * Only names and forms are its own.
 */
export function createScim1Routes(
  dependencies: Scim2Dependencies,
  limits: { readonly bodyBytes: number; readonly bulkBytes: number },
  behindAuthentication: readonly RequestHandler[],
): Router {
  const routes = Router({ mergeParams: true });
  routes.use(noStore, takeFormat);
  routes.use(createServiceProviderConfigsRoutes(dependencies));
  routes.use(...behindAuthentication);
  routes.use(overrideMethod);
  routes.use(createBulkRoutes1(dependencies, limits.bulkBytes));
  routes.use(...takeBody(limits.bodyBytes));
  routes.use(createSchemaRoutes1(dependencies));
  routes.use(createReadRoutes1(dependencies, createLister(dependencies)));
  routes.use(createWriteRoutes1(dependencies));
  routes.use(createMethodRoutes1(dependencies));
  routes.use((_request, _response, next) =>
    next(
      new ProvostError('NOT_FOUND', 'There is no such SCIM 1.1 endpoint: there are Users, Groups, Schemas and Bulk.'),
    ),
  );
  routes.use(toProvostError, renderScim1Error);
  return routes;
}
