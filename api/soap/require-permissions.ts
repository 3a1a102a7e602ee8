import { ProvostError } from '../../domain/errors.ts';
import { coversScim } from '../../domain/scopes.ts';
import type { Principal } from '../identify/principal.ts';
import type { Requirement } from './contract/operation.ts';

/**
 * @param what the operation, or the part of it that asks for more
 * @throws ProvostError `FORBIDDEN`
 */
export function requirePermissions({ scopes }: Principal, what: string, requires: readonly Requirement[]): void {
  for (const [verb, resourceType] of requires)
    if (!coversScim(scopes, verb, resourceType))
      throw new ProvostError(
        'FORBIDDEN',
        `Access Denied: these credentials may not ${verb} ${resourceType === 'User' ? 'users' : 'roles'}, which ${what} does.`,
      );
}
