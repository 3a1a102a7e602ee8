import { Router } from 'express';
import { ProvostError } from '../../domain/errors.ts';
import type { ScimObject } from '../../domain/scim/resource.ts';
import { CORE_SCHEMA_1 } from '../../domain/scim1/names.ts';
import { renderSchema1 } from '../../domain/scim1/render-schema.ts';
import { type ContextDependencies, contextOf } from '../request-context.ts';
import { baseUrlOf, type Scim2Dependencies } from '../scim2/context.ts';
import { MAX_PAGE } from '../scim2/page-size.ts';
import { isKnownTo1 } from './find-type.ts';
import { sendJson } from './send.ts';

/**
 * `/ServiceProviderConfigs` (Core Schema 1.1 §9): true to the routes that are mounted. To be mounted before
 * authentication: a client learns from it how to authenticate.
 */
export function createServiceProviderConfigsRoutes(dependencies: Scim2Dependencies): Router {
  const routes = Router({ mergeParams: true });
  routes.get('/ServiceProviderConfigs', (request, response) => {
    sendJson(response, serviceProviderConfigs(baseUrlOf(request, dependencies), dependencies));
  });
  return routes;
}

/** `/Schemas` (Core Schema 1.1 §10): one for each resource type of the caller's tenant that SCIM 1.1 knows. */
export function createSchemaRoutes1(dependencies: ContextDependencies): Router {
  const routes = Router({ mergeParams: true });

  routes.get('/Schemas', async (request, response) => {
    const types = (await contextOf(request, dependencies)).types.filter(isKnownTo1);
    sendJson(response, {
      schemas: [CORE_SCHEMA_1],
      totalResults: types.length,
      itemsPerPage: types.length,
      startIndex: 1,
      Resources: types.map(renderSchema1),
    });
  });

  routes.get('/Schemas/:id', async (request, response) => {
    const wanted = request.params['id'].toLowerCase();
    const types = (await contextOf(request, dependencies)).types.filter(isKnownTo1);
    const found = types.find(({ name }) =>
      [name, `${name}s`, `${CORE_SCHEMA_1}:${name}`].some((id) => id.toLowerCase() === wanted),
    );
    if (found === undefined) throw new ProvostError('NOT_FOUND', 'There is no such schema; /Schemas lists them.');
    sendJson(response, renderSchema1(found));
  });

  return routes;
}

const serviceProviderConfigs = (baseUrl: string, { features }: Pick<Scim2Dependencies, 'features'>): ScimObject => ({
  schemas: [CORE_SCHEMA_1],
  patch: { supported: true },
  bulk: {
    supported: features?.bulk !== undefined,
    maxOperations: features?.bulk?.maxOperations ?? 0,
    maxPayloadSize: features?.bulk?.maxPayloadSize ?? 0,
  },
  filter: { supported: true, maxResults: MAX_PAGE },
  changePassword: { supported: true },
  sort: { supported: true },
  etag: { supported: true },
  xmlDataFormat: { supported: true },
  authenticationSchemes: [
    {
      type: 'oauthbearertoken',
      name: 'OAuth 2.0 bearer token',
      description: 'An access token from the token endpoint, by the client credentials grant.',
      specUrl: 'https://www.rfc-editor.org/info/rfc6750',
      primary: true,
    },
    {
      type: 'httpbasic',
      name: 'HTTP Basic',
      description: 'Name and secret of a credential, in each request.',
      specUrl: 'https://www.rfc-editor.org/info/rfc7617',
    },
  ],
  meta: { location: `${baseUrl}/ServiceProviderConfigs` },
});
