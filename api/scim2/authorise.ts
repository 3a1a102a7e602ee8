import type { Request } from 'express';
import { ProvostError } from '../../domain/errors.ts';
import type { ResourceTypeDefinition } from '../../domain/scim/schema/definition.ts';
import { coversScim, type Verb } from '../../domain/scopes.ts';
import { principalOf } from '../identify/authenticate.ts';

/** Requests of people about themselves. */
const ofSelf = new WeakSet<Request>();

/** Lets a caller see and update the user that it is, whatever its scopes. */
export const letSelf = (request: Request): void => void ofSelf.add(request);

/** Whether the caller may do this only because it is about himself: then not everything may be changed. */
export const isOnlySelf = (request: Request, type: ResourceTypeDefinition): boolean =>
  ofSelf.has(request) && !coversScim(principalOf(request).scopes, 'update', type.name);

/** @throws ProvostError `FORBIDDEN` where the caller has no scope for it */
export function requireScim(request: Request, verb: Verb, type: ResourceTypeDefinition): void {
  const { scopes } = principalOf(request);
  if (coversScim(scopes, verb, type.name)) return;
  if (ofSelf.has(request) && (verb === 'view' || verb === 'update')) return;
  const scope = verb === 'view' || verb === 'list' ? 'scim:read' : 'scim:write';
  throw new ProvostError(
    'FORBIDDEN',
    `These credentials may not ${verb} ${type.name} resources; the scope ${scope} is missing.`,
  );
}
