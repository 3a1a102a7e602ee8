import type { Request } from 'express';
import type { TenantId } from '../domain/ids.ts';
import { findServiceProvider, type Policy, type ServiceProvider } from '../domain/policy.ts';
import type { ResourceTypeDefinition } from '../domain/scim/schema/definition.ts';
import { resourceTypesOf } from '../domain/scim/schema/tenant-types.ts';
import { principalOf } from './identify/authenticate.ts';
import type { Principal } from './identify/principal.ts';

/** What a request is read, decided and answered by. */
export interface RequestContext {
  readonly principal: Principal;
  /** The one version that counts for this request, whatever is edited meanwhile. */
  readonly policy: Policy;
  /** The caller's. */
  readonly serviceProvider: ServiceProvider;
  /** Resource types as that policy has them. */
  readonly types: readonly ResourceTypeDefinition[];
}

export interface ContextDependencies {
  readonly policies: { current(tenant: TenantId): Promise<Policy> };
}

const contexts = new WeakMap<Request, Promise<RequestContext>>();

/** The context of a request whose caller is known. Several routes may ask; the policy is read once. */
export function contextOf(request: Request, dependencies: ContextDependencies): Promise<RequestContext> {
  const known = contexts.get(request) ?? open(principalOf(request), dependencies);
  contexts.set(request, known);
  return known;
}

async function open(principal: Principal, { policies }: ContextDependencies): Promise<RequestContext> {
  const policy = await policies.current(principal.tenant);
  return {
    principal,
    policy,
    serviceProvider: findServiceProvider(policy, principal.serviceProvider),
    types: resourceTypesOf(policy),
  };
}
