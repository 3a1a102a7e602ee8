import type { ChangeBody } from '../../domain/change.ts';
import { ProvostError } from '../../domain/errors.ts';
import { omit, ownValue } from '../../domain/scim/json.ts';
import { readTarget } from '../../domain/scim/patch/patch-target.ts';
import type { Resource, ScimObject } from '../../domain/scim/resource.ts';
import { declareSchemas } from '../../domain/scim/schema/declare-schemas.ts';
import type { ResourceTypeDefinition } from '../../domain/scim/schema/definition.ts';

/** What a person may do to the user that they are. */
export interface SelfLimits {
  /** The user as it stands; the change must be made to this version and no other. */
  readonly before: Resource;
  /** Attributes of the core schema that stay as they are; extensions do too. */
  readonly closed: ReadonlySet<string>;
  /** Whether this request was sent with the password that the user has. */
  readonly provedPassword: boolean;
}

/**
 * What a person may change of themselves without a scope to write. In a PUT, what is closed to them stays as it stands,
 * as what is read-only does; a PATCH of it is refused. A new password takes the old one: who has found a token, or is
 * given a credential for a user, must not take the account over.
 *
 * @throws ProvostError `FORBIDDEN`
 */
export function limitToSelf<Body extends ChangeBody>(
  body: Body,
  limits: SelfLimits,
  type: ResourceTypeDefinition,
): Body {
  const { before, closed, provedPassword } = limits;
  if ('passwordHash' in body && body.passwordHash !== undefined && !provedPassword)
    throw new ProvostError(
      'FORBIDDEN',
      'A new password takes the old one: send the request by HTTP Basic with userName@tenant and the present password.',
      { path: 'password' },
    );
  if (body.kind === 'patch') {
    for (const { path } of body.operations) requireOpen(path, closed, type);
    return body;
  }
  if (body.kind !== 'replace') return body;
  const kept = [...closed, ...type.extensions.map(({ schema }) => schema.id)];
  let resource: ScimObject = body.resource;
  for (const name of kept) {
    const held = ownValue(before, name);
    resource = held === undefined ? omit(resource, name) : { ...resource, [name]: held };
  }
  return { ...body, resource: declareSchemas(resource, type) };
}

function requireOpen(path: string | undefined, closed: ReadonlySet<string>, type: ResourceTypeDefinition): void {
  const target = path === undefined ? undefined : readTarget(path, type, 'tolerant');
  const isOpen = target?.kind === 'attribute' && target.extension === undefined && !closed.has(target.attribute.name);
  if (!isOpen)
    throw new ProvostError(
      'FORBIDDEN',
      `A person cannot change ${path ?? 'all of themselves'}; an administrator can.`,
      {
        ...(target?.kind === 'attribute' ? { path: target.attribute.name } : {}),
      },
    );
}
