import { ProvostError } from '../../../domain/errors.ts';
import type { IdentityProviderId } from '../../../domain/ids.ts';
import type { IdentityProvider, Policy } from '../../../domain/policy.ts';
import { StillInUse } from '../problem.ts';

/** @throws ProvostError `NOT_FOUND` */
export function existingIdentityProvider(policy: Policy, id: string): IdentityProvider {
  const found = policy.identityProviders.find((provider) => provider.id === id);
  if (found === undefined) throw new ProvostError('NOT_FOUND', 'There is no identity provider with this id.');
  return found;
}

/** @returns the policy with this identity provider in the place of the one with its id, or added */
export const withIdentityProvider = (policy: Policy, provider: IdentityProvider): Policy => ({
  ...policy,
  identityProviders: policy.identityProviders.some(({ id }) => id === provider.id)
    ? policy.identityProviders.map((held) => (held.id === provider.id ? provider : held))
    : [...policy.identityProviders, provider],
});

/** Also takes it out of the tenant's default and every service provider's list. A list that gets empty stays one: empty means nowhere, absent means as the resident one. */
export const withoutIdentityProvider = (policy: Policy, id: IdentityProviderId): Policy => ({
  ...policy,
  ...(policy.outbound === undefined ? {} : { outbound: policy.outbound.filter((held) => held !== id) }),
  identityProviders: policy.identityProviders.filter((provider) => provider.id !== id),
  serviceProviders: policy.serviceProviders.map((provider) =>
    provider.outbound === undefined
      ? provider
      : { ...provider, outbound: provider.outbound.filter((held) => held !== id) },
  ),
});

/** @throws StillInUse where a service provider provisions to it */
export function requireUnused(policy: Policy, id: IdentityProviderId): void {
  const users = policy.serviceProviders.filter(({ outbound }) => outbound?.includes(id));
  if (users.length === 0) return;
  throw new StillInUse(
    'Service providers provision to this identity provider. Take it out of their outbound lists first, or delete with force=true.',
    users.map((provider) => ({
      path: `service-providers/${provider.id}`,
      message: `${provider.name} provisions to it.`,
    })),
  );
}
