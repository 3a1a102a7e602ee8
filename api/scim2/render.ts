import type { Response } from 'express';
import { projectResource } from '../../domain/scim/project.ts';
import type { Resource, ScimObject } from '../../domain/scim/resource.ts';
import type { ResourceTypeDefinition } from '../../domain/scim/schema/definition.ts';
import { etagOf } from '../etag.ts';
import { SCIM_MEDIA_TYPE } from './errors.ts';

/** A resource with what the server says of it. */
export interface Rendered {
  readonly id: string;
  readonly version: number;
  readonly created: string;
  readonly lastModified: string;
  readonly resource: Resource;
}

/** `attributes` and `excludedAttributes` as they came in the query or in a search request (RFC 7644 §3.9). */
export interface Selection {
  readonly attributes?: readonly string[];
  readonly excludedAttributes?: readonly string[];
  /** What members of groups are called. Default `displayName`: nothing is made up for those without one. */
  readonly memberNames?: 'any name' | 'displayName';
}

export const locationOf = (baseUrl: string, type: ResourceTypeDefinition, id: string): string =>
  `${baseUrl}${type.endpoint}/${id}`;

/** The JSON of a resource (RFC 7643 §3): common attributes, meta with its location and version, and what was selected. */
export function renderResource(
  stored: Rendered,
  type: ResourceTypeDefinition,
  baseUrl: string,
  selection: Selection,
  computed: ScimObject = {},
): ScimObject {
  const { id, version, created, lastModified, resource } = stored;
  const meta = {
    resourceType: type.name,
    created,
    lastModified,
    location: locationOf(baseUrl, type, id),
    version: etagOf(version),
  };
  return projectResource({ ...resource, ...computed, id, meta } as Resource, selection, type);
}

export function sendScim(response: Response, status: number, body: unknown): void {
  // Without `charset`: JSON is UTF-8, and the media type of RFC 7644 §8.1 has no such parameter.
  response.status(status).setHeader('Content-Type', SCIM_MEDIA_TYPE);
  response.end(JSON.stringify(body));
}
