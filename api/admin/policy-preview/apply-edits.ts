import type { z } from 'zod';
import { asIdentityProviderId } from '../../../domain/ids.ts';
import type { Policy } from '../../../domain/policy.ts';
import type { RoutesDependencies } from '../dependencies.ts';
import { existingIdentityProvider, withIdentityProvider } from '../identity-providers/edit.ts';
import { existingServiceProvider, toServiceProvider, withServiceProvider } from '../service-providers/edit.ts';
import { existingTarget, toTarget, withTarget } from '../targets/edit.ts';
import type { policyEditsInput } from './schemas.ts';

/**
 * What the configuration is after these edits; nothing is written.
 *
 * @throws ProvostError `NOT_FOUND` for what is not there
 * @throws InvalidRequest for what cannot be saved
 */
export function applyEdits(
  before: Policy,
  edits: z.output<typeof policyEditsInput>,
  dependencies: Pick<RoutesDependencies, 'findConnectorType' | 'sealer'>,
): Policy {
  let policy = before;
  for (const { identityProvider, edit } of edits.identityProviders)
    policy = withIdentityProvider(policy, { ...existingIdentityProvider(policy, identityProvider), ...edit });
  for (const { identityProvider, target, edit } of edits.targets) {
    const provider = existingIdentityProvider(policy, identityProvider);
    const held = existingTarget(provider, target);
    policy = withTarget(policy, provider, toTarget(edit, held.id, held, policy, dependencies));
  }
  for (const { serviceProvider, edit } of edits.serviceProviders) {
    const { id, resident } = existingServiceProvider(policy, serviceProvider);
    policy = withServiceProvider(policy, toServiceProvider(edit, { id, resident }, policy));
  }
  if (edits.outbound === undefined) return policy;
  const { outbound: _replaced, ...rest } = policy;
  if (edits.outbound === null) return rest;
  for (const id of edits.outbound) existingIdentityProvider(policy, id);
  return { ...rest, outbound: edits.outbound.map(asIdentityProviderId) };
}
