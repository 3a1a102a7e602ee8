import type { ChangeBody } from '../../domain/change.ts';
import { ProvostError } from '../../domain/errors.ts';
import { omit, ownValue } from '../../domain/scim/json.ts';
import { readTarget } from '../../domain/scim/patch/patch-target.ts';
import type { Resource, ScimObject } from '../../domain/scim/resource.ts';
import { declareSchemas } from '../../domain/scim/schema/declare-schemas.ts';
import type { ResourceTypeDefinition } from '../../domain/scim/schema/definition.ts';

/** What decides over a person's rights or how systems know him. Extensions are what an employer says of him. */
const KEPT = ['userName', 'externalId', 'active', 'userType', 'roles', 'entitlements'];

/**
 * What a person may change of himself without a scope to write: everything but what gives rights. In a PUT that stays as
 * it stands, as what is read-only does; a PATCH of it is refused.
 *
 * @param before the user as it stands; the change must be made to this version and no other
 * @throws ProvostError `FORBIDDEN`
 */
export function limitToSelf<Body extends ChangeBody>(body: Body, before: Resource, type: ResourceTypeDefinition): Body {
  if (body.kind === 'patch') {
    for (const { path } of body.operations) requireOwn(path, type);
    return body;
  }
  if (body.kind !== 'replace') return body;
  const kept = [...KEPT, ...type.extensions.map(({ schema }) => schema.id)];
  let resource: ScimObject = body.resource;
  for (const name of kept) {
    const held = ownValue(before, name);
    resource = held === undefined ? omit(resource, name) : { ...resource, [name]: held };
  }
  return { ...body, resource: declareSchemas(resource, type) };
}

function requireOwn(path: string | undefined, type: ResourceTypeDefinition): void {
  const target = path === undefined ? undefined : readTarget(path, type, 'tolerant');
  const isOwn = target?.kind === 'attribute' && target.extension === undefined && !KEPT.includes(target.attribute.name);
  if (!isOwn)
    throw new ProvostError('FORBIDDEN', `A person cannot change ${path ?? 'all of himself'}; an administrator can.`, {
      ...(target?.kind === 'attribute' ? { path: target.attribute.name } : {}),
    });
}
