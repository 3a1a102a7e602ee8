import type { Request, Response } from 'express';
import { asResourceId } from '../../domain/ids.ts';
import { takeMembers } from '../../domain/scim/group-members.ts';
import { GROUP_SCHEMA, type Resource, type ScimObject } from '../../domain/scim/resource.ts';
import type { ResourceTypeDefinition } from '../../domain/scim/schema/definition.ts';
import type { ChangeAnswer } from '../change-door.ts';
import { etagOf } from '../etag.ts';
import { principalOf } from '../identify/authenticate.ts';
import { computedOf } from './computed-attributes.ts';
import { baseUrlOf, type Scim2Dependencies } from './context.ts';
import { selectionOf } from './query.ts';
import { locationOf, type Rendered, renderResource, sendScim } from './render.ts';

export interface Changed {
  readonly status: 200 | 201;
  readonly type: ResourceTypeDefinition;
  readonly answer: ChangeAnswer;
  /** What the client sent, where that was a whole resource. */
  readonly sent: Resource | undefined;
}

/** Answers a change with the resource as it stands (RFC 7644 §3.3, §3.5), or without a body where that says it all. */
export async function sendChanged(
  request: Request,
  response: Response,
  { status, type, answer, sent }: Changed,
  dependencies: Scim2Dependencies,
): Promise<void> {
  const { reference, change } = answer;
  const baseUrl = baseUrlOf(request, dependencies);
  response.set({ 'Provost-Change': change, Location: locationOf(baseUrl, type, reference.resourceId) });
  const selection = selectionOf(request);
  // Entra expects no body, and never a list of members: peers.md 3.3 no. 20.
  const wantsNoBody = sent === undefined && type.schema.id === GROUP_SCHEMA && selection.attributes === undefined;
  const rendered = wantsNoBody ? undefined : await standing(request, type, answer, sent, dependencies);
  if (rendered === undefined) {
    // Also where a client patched what is not kept here, or where somebody else deleted it since.
    if (reference.version > 0) response.set('ETag', etagOf(reference.version));
    response.status(204).end();
    return;
  }
  response.set('ETag', etagOf(rendered.version));
  const { tenant } = principalOf(request);
  const computed =
    answer.mode === 'provision-only'
      ? undefined
      : await computedOf(tenant, rendered, type, baseUrl, selection, dependencies);
  sendScim(response, status, renderResource(rendered, type, baseUrl, selection, computed));
}

/**
 * What a creation wrote follows from the request, so it is not read again. What is not stored (provision-only) goes back
 * as it was accepted.
 */
export async function standing(
  request: Request,
  type: ResourceTypeDefinition,
  { reference, mode }: ChangeAnswer,
  sent: Resource | undefined,
  { resources }: Pick<Scim2Dependencies, 'resources'>,
): Promise<(Rendered & { readonly grouped?: boolean }) | undefined> {
  const { resourceId, version, lastModified, changed } = reference;
  const facts = { id: resourceId, version, created: lastModified, lastModified };
  if (mode === 'provision-only') return sent === undefined ? undefined : { ...facts, resource: sent };
  if (sent !== undefined && version === 1 && changed) return { ...facts, resource: withoutMembers(sent) };
  return resources.find(principalOf(request).tenant, type.name, asResourceId(resourceId));
}

/** Members are read as they stand. */
const withoutMembers = (sent: Resource): Resource => takeMembers(sent as Resource & ScimObject).resource;
