import type { z } from 'zod';
import { ProvostError } from '../../../domain/errors.ts';
import type { TargetId } from '../../../domain/ids.ts';
import type { IdentityProvider, Policy, Target } from '../../../domain/policy.ts';
import type { RoutesDependencies } from '../dependencies.ts';
import { withIdentityProvider } from '../identity-providers/edit.ts';
import { InvalidRequest } from '../problem.ts';
import type { Readable } from '../route.ts';
import { capabilityFaults } from './capability-faults.ts';
import { mappingFaults } from './mapping-faults.ts';
import { toMapping } from './mapping-schemas.ts';
import { partRunning } from './running-schemas.ts';
import type { targetInput, targetView } from './schemas.ts';
import { toScopeAndOrder } from './scope-schemas.ts';
import { readableSettings, toStoredSettings } from './settings.ts';

type TargetInput = z.output<typeof targetInput>;

/** @throws ProvostError `NOT_FOUND` */
export function existingTarget({ targets }: IdentityProvider, id: string): Target {
  const found = targets.find((target) => target.id === id);
  if (found === undefined) throw new ProvostError('NOT_FOUND', 'The identity provider has no target with this id.');
  return found;
}

/**
 * @param held what the target is now; undefined for a new one
 * @throws InvalidRequest for an unknown connector, or settings that its connector refuses
 */
export function toTarget(
  { settings: given, mapping: wanted, scope, order, ...fields }: TargetInput,
  id: TargetId,
  held: Target | undefined,
  policy: Policy,
  { findConnectorType, sealer }: Pick<RoutesDependencies, 'findConnectorType' | 'sealer'>,
): Target {
  const { running, others: rest } = partRunning(fields);
  const mapping = toMapping(wanted);
  const faults = mappingFaults(mapping, { ...rest, ...running }, policy);
  if (faults.length > 0) throw new InvalidRequest(faults);
  const connector = findConnectorType(rest.connector);
  if (connector === undefined) {
    throw new InvalidRequest([{ path: 'connector', message: 'There is no connector of this type.' }]);
  }
  if (held !== undefined && held.connector !== rest.connector) {
    throw new InvalidRequest([
      {
        path: 'connector',
        message: 'A target keeps its connector: its accounts are known by it. Create another target.',
      },
    ]);
  }
  const { stored, capabilities } = toStoredSettings(
    { tenant: policy.tenant, target: id, connector, given, ...(held === undefined ? {} : { held }) },
    sealer,
  );
  const unsupported = capabilityFaults(rest, capabilities);
  if (unsupported.length > 0) throw new InvalidRequest(unsupported);
  return {
    id,
    ...rest,
    ...running,
    mapping,
    ...toScopeAndOrder(
      { ...(scope === undefined ? {} : { scope }), ...(order === undefined ? {} : { order }) },
      id,
      policy,
    ),
    ...stored,
  };
}

/** @returns the policy with this target in the place of the one with its id, or added at the end */
export const withTarget = (policy: Policy, provider: IdentityProvider, target: Target): Policy =>
  withIdentityProvider(policy, {
    ...provider,
    targets: provider.targets.some(({ id }) => id === target.id)
      ? provider.targets.map((held) => (held.id === target.id ? target : held))
      : [...provider.targets, target],
  });

export const withoutTarget = (policy: Policy, provider: IdentityProvider, id: TargetId): Policy =>
  withIdentityProvider(policy, { ...provider, targets: provider.targets.filter((target) => target.id !== id) });

/** A target as it may be read. */
export function viewOfTarget({ sealedSecrets, settings, ...rest }: Target): Readable<z.input<typeof targetView>> {
  const { resourceTypes, mapping } = rest;
  return {
    ...rest,
    resourceTypes: [...resourceTypes],
    mapping: JSON.parse(JSON.stringify(mapping)),
    settings: readableSettings({ settings, sealedSecrets }),
  };
}
