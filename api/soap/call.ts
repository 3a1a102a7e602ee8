import type { Request } from 'express';
import type { ClaimTable } from '../../domain/claims/claim-table.ts';
import type { Policy, ServiceProvider } from '../../domain/policy.ts';
import type { ResourceTypeDefinition } from '../../domain/scim/schema/definition.ts';
import type { Principal } from '../identify/principal.ts';
import type { SoapDependencies } from './context.ts';
import type { Arguments } from './message/arguments.ts';

/** One call of an operation, with everything that is known when it begins. */
export interface Call {
  readonly request: Request;
  readonly principal: Principal;
  readonly policy: Policy;
  readonly serviceProvider: ServiceProvider;
  readonly types: { readonly user: ResourceTypeDefinition; readonly group: ResourceTypeDefinition };
  readonly claims: ClaimTable;
  readonly given: Arguments;
  readonly dependencies: SoapDependencies;
}
