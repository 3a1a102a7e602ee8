import type { Request } from 'express';
import type { ChangeBody, ChangeRequest, ChangeSource } from '../../domain/change.ts';
import { asResourceId } from '../../domain/ids.ts';
import type { ResourceTypeDefinition } from '../../domain/scim/schema/definition.ts';
import { type RequestedChange, toChangeRequest } from '../change-request.ts';
import { principalOf } from '../identify/authenticate.ts';
import type { Scim2Dependencies } from './context.ts';

export interface Requested {
  readonly source: ChangeSource;
  readonly type: ResourceTypeDefinition;
  readonly body: ChangeBody;
  /** Version that the change is decided on where the client names none. */
  readonly expectedVersion?: RequestedChange['expectedVersion'];
}

/** The change that a request asks for of the resource in its path. */
export function requestedChange(
  request: Request,
  { source, type, body, expectedVersion }: Requested,
  { now, ...digests }: Pick<Scim2Dependencies, 'now' | 'fingerprint' | 'deriveId'>,
): ChangeRequest {
  const id = request.params['id'];
  const wanted = {
    source,
    operation: body.kind,
    resourceType: type.name,
    body,
    ...(typeof id === 'string' ? { resourceId: asResourceId(id) } : {}),
    ...(expectedVersion === undefined ? {} : { expectedVersion }),
  };
  return toChangeRequest(request, principalOf(request), wanted, now(), digests);
}
