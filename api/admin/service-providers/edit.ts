import type { z } from 'zod';
import { ProvostError } from '../../../domain/errors.ts';
import { asIdentityProviderId, type ServiceProviderId } from '../../../domain/ids.ts';
import type { Policy, ServiceProvider } from '../../../domain/policy.ts';
import { toRules } from '../approvals/to-rules.ts';
import { InvalidRequest } from '../problem.ts';
import type { serviceProviderInput } from './schemas.ts';

/** @throws ProvostError `NOT_FOUND` */
export function existingServiceProvider(policy: Policy, id: string): ServiceProvider {
  const found = policy.serviceProviders.find((provider) => provider.id === id);
  if (found === undefined) throw new ProvostError('NOT_FOUND', 'There is no service provider with this id.');
  return found;
}

/** @throws InvalidRequest where it names an identity provider or target that isn't there, or a rule cannot be read */
export function toServiceProvider(
  input: z.output<typeof serviceProviderInput>,
  identity: { readonly id: ServiceProviderId; readonly resident: boolean },
  policy: Policy,
): ServiceProvider {
  const { outbound, approvals, whileWaiting, ...rest } = input;
  const known = new Set<string>(policy.identityProviders.map((provider) => provider.id));
  const errors = (outbound ?? []).flatMap((id, index) =>
    known.has(id) ? [] : [{ path: `outbound[${index}]`, message: 'There is no identity provider with this id.' }],
  );
  if (errors.length > 0) throw new InvalidRequest(errors);
  return {
    ...identity,
    ...rest,
    ...(outbound === undefined ? {} : { outbound: outbound.map(asIdentityProviderId) }),
    ...(approvals === undefined ? {} : { approvals: toRules(approvals, policy, 'approvals') }),
    ...(whileWaiting === undefined ? {} : { whileWaiting }),
  };
}

/** @returns the policy with this service provider in the place of the one with its id, or added */
export const withServiceProvider = (policy: Policy, provider: ServiceProvider): Policy => ({
  ...policy,
  serviceProviders: policy.serviceProviders.some(({ id }) => id === provider.id)
    ? policy.serviceProviders.map((held) => (held.id === provider.id ? provider : held))
    : [...policy.serviceProviders, provider],
});

export const withoutServiceProvider = (policy: Policy, id: ServiceProviderId): Policy => ({
  ...policy,
  serviceProviders: policy.serviceProviders.filter((provider) => provider.id !== id),
});

/** @throws ProvostError `MUTABILITY` */
export function requireNotResident({ resident }: ServiceProvider): void {
  if (resident) {
    throw new ProvostError(
      'MUTABILITY',
      'The resident service provider stands for everybody else and cannot be deleted.',
    );
  }
}
