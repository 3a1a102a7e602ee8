import { type Request, type Response, Router } from 'express';
import { isUrgent } from '../../domain/apply-change.ts';
import type { ChangeBody } from '../../domain/change.ts';
import { asResourceId } from '../../domain/ids.ts';
import { findServiceProvider } from '../../domain/policy.ts';
import { parseResource } from '../../domain/scim/parse-resource.ts';
import { normalisePatch } from '../../domain/scim/patch/normalise-patch.ts';
import type { Resource } from '../../domain/scim/resource.ts';
import type { ResourceTypeDefinition } from '../../domain/scim/schema/definition.ts';
import type { ChangeAnswer } from '../change-door.ts';
import { toChangeRequest } from '../change-request.ts';
import { etagOf } from '../etag.ts';
import { principalOf } from '../identify/authenticate.ts';
import { requireScim } from './authorise.ts';
import { baseUrlOf, type Scim2Dependencies } from './context.ts';
import { selectionOf } from './query.ts';
import { locationOf, type Rendered, renderResource, sendScim } from './render.ts';

/** POST, PUT, PATCH and DELETE of one resource type (RFC 7644 §3.3, §3.5, §3.6). */
export function createWriteRoutes(type: ResourceTypeDefinition, dependencies: Scim2Dependencies): Router {
  const routes = Router({ mergeParams: true });

  routes.post(type.endpoint, async (request, response) => {
    requireScim(request, 'create', type);
    const parsed = parseResource(request.body, type, await conformance(request, dependencies));
    dependencies.observeDeviations(principalOf(request), parsed.deviations);
    const body: ChangeBody = {
      kind: 'create',
      resource: parsed.resource,
      ...(await hashed(parsed.password, dependencies)),
    };
    const answer = await submit(request, type, body, undefined, dependencies);
    await sendChanged(request, response, 201, answer, type, parsed.resource, dependencies);
  });

  routes.put(`${type.endpoint}/:id`, async (request, response) => {
    requireScim(request, 'update', type);
    const parsed = parseResource(request.body, type, await conformance(request, dependencies));
    dependencies.observeDeviations(principalOf(request), parsed.deviations);
    const body: ChangeBody = {
      kind: 'replace',
      resource: parsed.resource,
      ...(await hashed(parsed.password, dependencies)),
    };
    const answer = await submit(request, type, body, request.params['id'], dependencies);
    await sendChanged(request, response, 200, answer, type, parsed.resource, dependencies);
  });

  routes.patch(`${type.endpoint}/:id`, async (request, response) => {
    requireScim(request, 'update', type);
    const { mode } = await conformance(request, dependencies);
    const parsed = normalisePatch(request.body, type, mode);
    dependencies.observeDeviations(principalOf(request), parsed.deviations);
    const body: ChangeBody = {
      kind: 'patch',
      operations: parsed.operations,
      ...(await hashed(parsed.password, dependencies)),
    };
    const answer = await submit(request, type, body, request.params['id'], dependencies);
    await sendChanged(request, response, 200, answer, type, undefined, dependencies);
  });

  routes.delete(`${type.endpoint}/:id`, async (request, response) => {
    requireScim(request, 'delete', type);
    await submit(request, type, { kind: 'delete' }, request.params['id'], dependencies);
    response.status(204).end();
  });

  return routes;
}

/** How far the client may stray is a setting of its service provider. */
async function conformance(request: Request, { policies }: Scim2Dependencies) {
  const { tenant, serviceProvider } = principalOf(request);
  return { mode: findServiceProvider(await policies.current(tenant), serviceProvider).conformance };
}

/** A password leaves the API hashed or not at all. */
async function hashed(
  password: string | undefined,
  { hashPassword }: Scim2Dependencies,
): Promise<{ passwordHash?: string }> {
  return password === undefined ? {} : { passwordHash: await hashPassword(password) };
}

async function submit(
  request: Request,
  type: ResourceTypeDefinition,
  body: ChangeBody,
  id: string | string[] | undefined,
  dependencies: Scim2Dependencies,
): Promise<ChangeAnswer> {
  const principal = principalOf(request);
  const resource = typeof id === 'string' ? { resourceId: asResourceId(id) } : {};
  const wanted = { source: 'scim2', operation: body.kind, resourceType: type.name, body, ...resource } as const;
  const change = toChangeRequest(request, principal, wanted, dependencies.now(), dependencies.fingerprint);
  const policy = await dependencies.policies.current(principal.tenant);
  return dependencies.submit(change, policy.version, isUrgent(body));
}

/**
 * Answers with the resource as it stands. A creation is not read again: what was written follows from the request. Nor
 * is what is not stored (provision-only): the client gets its own resource back, as accepted.
 */
async function sendChanged(
  request: Request,
  response: Response,
  status: number,
  { reference, mode, change }: ChangeAnswer,
  type: ResourceTypeDefinition,
  sent: Resource | undefined,
  dependencies: Scim2Dependencies,
): Promise<void> {
  const { resourceId, version, lastModified } = reference;
  const baseUrl = baseUrlOf(request, dependencies);
  const stored =
    mode === 'provision-only'
      ? undefined
      : await standing(request, type, status === 201 && version === 1 ? sent : undefined, reference, dependencies);
  const rendered: Rendered | undefined =
    stored ??
    (sent === undefined ? undefined : { id: resourceId, version, created: lastModified, lastModified, resource: sent });
  response.set({ 'Provost-Change': change, Location: locationOf(baseUrl, type, resourceId) });
  if (rendered === undefined) {
    // Patched by a client whose users are not kept here, or deleted by somebody else since.
    response.status(204).end();
    return;
  }
  response.set('ETag', etagOf(rendered.version));
  sendScim(response, status, renderResource(rendered, type, baseUrl, selectionOf(request)));
}

async function standing(
  request: Request,
  type: ResourceTypeDefinition,
  created: Resource | undefined,
  { resourceId, version, lastModified }: ChangeAnswer['reference'],
  { resources }: Scim2Dependencies,
): Promise<Rendered | undefined> {
  if (created !== undefined) return { id: resourceId, version, created: lastModified, lastModified, resource: created };
  return resources.find(principalOf(request).tenant, type.name, resourceId);
}
