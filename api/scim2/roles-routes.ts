import { createHash } from 'node:crypto';
import { type Request, Router } from 'express';
import { ProvostError } from '../../domain/errors.ts';
import { matchesFilter } from '../../domain/scim/filter/matches-filter.ts';
import { parseFilter } from '../../domain/scim/filter/parse-filter.ts';
import { resolveFilter } from '../../domain/scim/filter/resolve-filter.ts';
import { projectResource } from '../../domain/scim/project.ts';
import type { Resource, ScimObject } from '../../domain/scim/resource.ts';
import { ENTITLEMENT_TYPE, ROLE_TYPE } from '../../domain/scim/schema/assignable.ts';
import type { ResourceTypeDefinition } from '../../domain/scim/schema/definition.ts';
import { USER_TYPE } from '../../domain/scim/schema/resource-types.ts';
import { canonicalShadow } from '../../domain/scim/shadow.ts';
import type { AssignedAttribute, AssignedValue } from '../../stores/assigned-values.ts';
import { principalOf } from '../identify/authenticate.ts';
import { requireScim } from './authorise.ts';
import { baseUrlOf, type Scim2Dependencies } from './context.ts';
import { LIST_SCHEMA } from './list.ts';
import { allowOnly, READ_ONLY } from './method-routes.ts';
import { pageOf } from './page-of.ts';
import { listRequestOf, selectionOf } from './query.ts';
import { sendScim } from './render.ts';

/**
 * `/Roles` and `/Entitlements` (draft-ietf-scim-roles-entitlements-01): the values in use, for whoever may list users.
 * They are no resource types of `/ResourceTypes`, because they cannot be created there.
 */
export function createRolesRoutes({ assigned, publicUrl }: Scim2Dependencies): Router {
  const routes = Router({ mergeParams: true });
  if (assigned === undefined) return routes;
  const { list } = assigned;
  serve(ROLE_TYPE, 'roles');
  serve(ENTITLEMENT_TYPE, 'entitlements');
  return routes;

  function serve(type: ResourceTypeDefinition, attribute: AssignedAttribute): void {
    const documentsFor = async (request: Request): Promise<Resource[]> => {
      requireScim(request, 'list', USER_TYPE);
      const values = await list(principalOf(request).tenant, attribute);
      return values.map((value) => render(value, type, baseUrlOf(request, { publicUrl })));
    };

    routes.get(type.endpoint, async (request, response) => {
      const wanted = listRequestOf(request);
      const found = select(await documentsFor(request), type, wanted.filter);
      const { startIndex, page } = pageOf(found, wanted);
      sendScim(response, 200, {
        schemas: [LIST_SCHEMA],
        totalResults: found.length,
        startIndex,
        itemsPerPage: page.length,
        Resources: page.map((document) => projectResource(document, wanted.selection, type)),
      });
    });
    routes.get(`${type.endpoint}/:id`, async (request, response) => {
      const found = (await documentsFor(request)).find(({ id }) => id === request.params['id']);
      if (found === undefined) throw new ProvostError('NOT_FOUND', `No user has such a ${type.name.toLowerCase()}.`);
      sendScim(response, 200, projectResource(found, selectionOf(request), type));
    });
    routes.all(type.endpoint, allowOnly(...READ_ONLY));
    routes.all(`${type.endpoint}/:id`, allowOnly(...READ_ONLY));
  }
}

/** @throws ProvostError `INVALID_FILTER` */
function select(documents: readonly Resource[], type: ResourceTypeDefinition, text: string | undefined): Resource[] {
  if (text === undefined) return [...documents];
  const filter = resolveFilter(parseFilter(text, { tolerant: true }), type);
  return documents.filter((document) =>
    matchesFilter(filter, canonicalShadow(document, type, { id: String(document['id']), meta: {} })),
  );
}

/** Okta wants a schema of its own beside the draft's: peers.md 3.4 no. 16. */
function render({ value, display, type: label, used }: AssignedValue, type: ResourceTypeDefinition, baseUrl: string) {
  // The value itself may hold anything; an id goes into a path.
  const id = createHash('sha256').update(value).digest('base64url').slice(0, 22);
  const document: ScimObject & { readonly schemas: readonly string[] } = {
    schemas: [type.schema.id, `urn:okta:scim:schemas:core:1.0:${type.name}`],
    id,
    value,
    ...(display === undefined ? {} : { display }),
    ...(label === undefined ? {} : { type: label }),
    supported: true,
    limitedAssignmentsPermitted: false,
    totalAssignmentsUsed: used,
    meta: { resourceType: type.name, location: `${baseUrl}${type.endpoint}/${id}` },
  };
  return document;
}
