import type { Operation } from './change.ts';
import type { ServiceProviderId, TargetId } from './ids.ts';
import {
  type FailurePolicy,
  findServiceProvider,
  type Mode,
  type Policy,
  type RetryPolicy,
  residentOf,
  type Target,
} from './policy.ts';

/** What a decision needs to know of a change. */
export interface DecisionInput {
  readonly serviceProvider: ServiceProviderId;
  readonly operation: Operation;
  readonly resourceType: string;
  /** Targets that hold an account of this resource already. Only given where it goes away or is brought to targets anew. */
  readonly linkedTargets: readonly TargetId[];
  /** Targets that alone are asked, whatever else the policy would; of a reprojection only. */
  readonly onlyTargets?: readonly TargetId[];
}

/** One target that the change must reach, and how the workflow has to treat it. */
export interface PlannedStep {
  readonly target: TargetId;
  readonly name: string;
  readonly blocking: boolean;
  readonly onFailure: FailurePolicy;
  readonly retry: RetryPolicy;
}

/** Why a target is called or not; shown to operators as it stands. */
export interface Reason {
  readonly target: TargetId;
  readonly called: boolean;
  readonly because: string;
}

export interface Decision {
  readonly mode: Mode;
  readonly steps: readonly PlannedStep[];
  readonly reasons: readonly Reason[];
}

/**
 * Which targets a change reaches, by the tenant's policy at one version (design.md, flow 3).
 *
 * A service provider's own list of identity providers counts; one that has none falls back to the resident one's.
 * A deletion also goes to every target that holds an account, whoever caused that account: none may outlive its user.
 */
export function decide(input: DecisionInput, policy: Policy): Decision {
  const provider = findServiceProvider(policy, input.serviceProvider);
  if (provider.mode === 'persist') return { mode: provider.mode, steps: [], reasons: [] };

  const outbound = new Set(provider.outbound ?? residentOf(policy).outbound ?? []);
  const linked = new Set(input.linkedTargets);
  const steps: PlannedStep[] = [];
  const reasons: Reason[] = [];
  for (const identityProvider of policy.identityProviders) {
    for (const target of identityProvider.targets) {
      const asked = outbound.has(identityProvider.id);
      if (!asked && !linked.has(target.id)) continue;
      if (input.onlyTargets !== undefined && !input.onlyTargets.includes(target.id)) continue;
      const reason = refusal(target, input.resourceType);
      reasons.push({
        target: target.id,
        called: reason === undefined,
        because:
          reason ??
          (asked ? `${provider.name} provisions to ${identityProvider.name}` : 'it holds an account of the resource'),
      });
      if (reason === undefined) steps.push(plan(target));
    }
  }
  return { mode: provider.mode, steps, reasons };
}

function refusal(target: Target, resourceType: string): string | undefined {
  if (!target.enabled) return 'the target is disabled';
  if (!target.resourceTypes.includes(resourceType)) return `the target does not take ${resourceType} resources`;
  return undefined;
}

const plan = (target: Target): PlannedStep => ({
  target: target.id,
  name: target.name,
  blocking: target.blocking,
  onFailure: target.blocking ? 'compensate' : target.onFailure,
  retry: target.retry,
});
