import type { Request } from 'express';
import { ProvostError } from '../../domain/errors.ts';
import type { ResourceTypeDefinition } from '../../domain/scim/schema/definition.ts';
import { coversScim, type Verb } from '../../domain/scopes.ts';
import { principalOf } from '../identify/authenticate.ts';

/** @throws ProvostError `FORBIDDEN` where the caller has no scope for it */
export function requireScim(request: Request, verb: Verb, type: ResourceTypeDefinition): void {
  const { scopes } = principalOf(request);
  if (coversScim(scopes, verb, type.name)) return;
  const scope = verb === 'view' || verb === 'list' ? 'scim:read' : 'scim:write';
  throw new ProvostError(
    'FORBIDDEN',
    `These credentials may not ${verb} ${type.name} resources; the scope ${scope} is missing.`,
  );
}
