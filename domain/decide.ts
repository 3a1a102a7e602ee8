import type { Until } from './approval/approval.ts';
import { hasTargetRules } from './approval/rule.ts';
import { rulesOf } from './approval/rules-of.ts';
import type { ChangeSource, Operation } from './change.ts';
import type { ApprovalId, IdentityProviderId, ServiceProviderId, TargetId } from './ids.ts';
import type { LinkState } from './link.ts';
import {
  type FailurePolicy,
  findServiceProvider,
  type IdentityProvider,
  type Mode,
  type Policy,
  type RetryPolicy,
  residentOf,
  type ServiceProvider,
  type Target,
} from './policy.ts';
import type { ExpressionFacts } from './scope/expression-facts.ts';
import { scopeOf } from './scope/scope-of.ts';
import { wavesOf } from './scope/waves.ts';

/**
 * What a change leaves behind. `stands`: the resource as it is after it. `gone`: none. `unseen`: nothing is kept of it
 * (`provision-only`) and the request does not say it whole, so scopes are left to what was decided for it before.
 */
export type Subject =
  | { readonly kind: 'stands'; readonly facts: ExpressionFacts }
  | { readonly kind: 'gone' }
  | { readonly kind: 'unseen' };

/** What a decision needs to know of a change. */
export interface DecisionInput {
  readonly serviceProvider: ServiceProviderId;
  readonly operation: Operation;
  readonly source: ChangeSource;
  /** Takes access away: nobody waits for anybody. */
  readonly urgent: boolean;
  readonly resourceType: string;
  readonly subject: Subject;
  /** Accounts that targets hold of this resource. */
  readonly links: readonly { readonly target: TargetId; readonly state: LinkState }[];
  /** Targets that alone are asked, whatever else the policy would; of a reprojection only. */
  readonly onlyTargets?: readonly TargetId[];
  /** Compare with what the target really holds, not with what it confirmed last; of a reprojection only. */
  readonly lookFirst?: boolean;
}

/** One target that the change must reach, and how the workflow has to treat it. */
export interface PlannedStep {
  readonly target: TargetId;
  readonly name: string;
  readonly blocking: boolean;
  readonly onFailure: FailurePolicy;
  readonly retry: RetryPolicy;
  /** It is asked when all steps of lower waves are done. Absent: 0, at once. */
  readonly wave?: number;
  /** See {@link DecisionInput.lookFirst}. */
  readonly lookFirst?: boolean;
  /** It is asked only when this is granted. */
  readonly awaits?: { readonly approval: ApprovalId; readonly rule: string } & Until;
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
  /**
   * Steps for targets that the resource has no account at, as far as is known, and shall have none. They are only owed
   * where an earlier change's step is under way there, which may just be making one.
   */
  readonly ifUnderWay?: readonly PlannedStep[];
  readonly reasons: readonly Reason[];
  /** Steps that give something, not take it; told where rules may want them approved. */
  readonly provisions?: readonly TargetId[];
}

type Verdict =
  | { readonly kind: 'provision'; readonly because: string; readonly onFailure?: FailurePolicy }
  | { readonly kind: 'deprovision'; readonly because: string }
  | { readonly kind: 'nothing-there' | 'refused'; readonly because: string };

/**
 * Which targets a change reaches, by the tenant's policy at one version (design.md, flow 3).
 *
 * The identity providers are those of {@link outboundOf}. A target that holds an account is asked whoever caused that
 * account: none may outlive its user or keep what was taken away from him elsewhere.
 */
export function decide(input: DecisionInput, policy: Policy): Decision {
  const provider = findServiceProvider(policy, input.serviceProvider);
  if (provider.mode === 'persist') return { mode: provider.mode, steps: [], reasons: [] };

  const outbound = outboundOf(policy, provider);
  const links = new Map(
    input.links.filter(({ state }) => state !== 'gone').map(({ target, state }) => [target, state]),
  );
  const judged: { readonly target: Target; readonly verdict: Verdict }[] = [];
  for (const identityProvider of policy.identityProviders) {
    for (const target of identityProvider.targets) {
      const asked = outbound.has(identityProvider.id);
      if (!asked && !links.has(target.id)) continue;
      if (input.onlyTargets !== undefined && !input.onlyTargets.includes(target.id)) continue;
      const because = asked
        ? `${provider.name} provisions to ${identityProvider.name}`
        : 'it holds an account of the resource';
      judged.push({ target, verdict: judge(input, identityProvider, target, links.get(target.id), because) });
    }
  }

  const provisioned = judged.filter(({ verdict }) => verdict.kind === 'provision').map(({ target }) => target);
  const waves = input.urgent || input.operation === 'delete' ? new Map<TargetId, number>() : wavesOf(provisioned);
  const planned = (kinds: readonly Verdict['kind'][]): PlannedStep[] =>
    judged
      .filter(({ verdict }) => kinds.includes(verdict.kind))
      .map(({ target, verdict }) =>
        plan(target, verdict, {
          takesAccess: takesAccess(input, verdict),
          wave: waves.get(target.id) ?? 0,
          lookFirst: input.lookFirst ?? false,
        }),
      );
  return {
    mode: provider.mode,
    steps: planned(['provision', 'deprovision']),
    ifUnderWay: planned(['nothing-there']),
    ...(hasTargetRules(rulesOf(policy, provider)) ? { provisions: provisioned.map(({ id }) => id) } : {}),
    reasons: judged.map(({ target, verdict: { kind, because } }) => ({
      target: target.id,
      called: kind === 'provision' || kind === 'deprovision',
      because,
    })),
  };
}

/**
 * Identity providers that a service provider's changes go to: its own list, else the resident one's, else the tenant's
 * default. An empty list is a list. One that was removed from the tenant is simply not met any more.
 */
export const outboundOf = (policy: Policy, provider: ServiceProvider): ReadonlySet<IdentityProviderId> =>
  new Set(provider.outbound ?? residentOf(policy).outbound ?? policy.outbound ?? []);

function judge(
  input: DecisionInput,
  identityProvider: IdentityProvider,
  target: Target,
  link: LinkState | undefined,
  because: string,
): Verdict {
  const { resourceType, subject, operation } = input;
  const refused = refusal(identityProvider, target, resourceType);
  if (refused !== undefined) return { kind: 'refused', because: refused };
  if (subject.kind === 'gone') {
    return link === undefined
      ? { kind: 'nothing-there', because: 'it holds no account of the resource' }
      : { kind: 'deprovision', because: 'it holds an account of the resource' };
  }
  if (input.source === 'jit' && target.justInTime === false)
    return { kind: 'refused', because: 'the target takes no changes of federated logins' };
  if (subject.kind === 'unseen') return { kind: 'provision', because };
  const scope = scopeOf(target, resourceType, subject.facts);
  switch (scope.kind) {
    case 'in':
      return { kind: 'provision', because };
    case 'unknown':
      // Neither provisioned nor deprovisioned on a guess: it fails there, and waits for somebody who mends the scope.
      return {
        kind: 'provision',
        because: scope.because,
        ...(target.onFailure === 'continue' ? { onFailure: 'park' } : {}),
      };
    case 'out':
      if (link === undefined) return { kind: 'nothing-there', because: scope.because };
      if (link === 'disabled' && operation !== 'reproject')
        return { kind: 'refused', because: `${scope.because}; its account is disabled already` };
      return { kind: 'deprovision', because: `${scope.because}, and it holds an account` };
  }
}

/** @returns why the target takes nothing of this type at all */
export function refusal(identityProvider: IdentityProvider, target: Target, resourceType: string): string | undefined {
  if (identityProvider.enabled === false) return 'the identity provider is disabled';
  if (!target.enabled) return 'the target is disabled';
  if (!target.resourceTypes.includes(resourceType)) return `the target does not take ${resourceType} resources`;
  return undefined;
}

/** Whether a step removes access: a deactivation or deletion of the resource, or of its account at one target. */
const takesAccess = ({ urgent, operation }: DecisionInput, { kind }: Verdict): boolean =>
  urgent || operation === 'delete' || kind === 'deprovision' || kind === 'nothing-there';

const plan = (
  target: Target,
  verdict: Verdict,
  {
    takesAccess,
    wave,
    lookFirst,
  }: { readonly takesAccess: boolean; readonly wave: number; readonly lookFirst: boolean },
): PlannedStep => ({
  target: target.id,
  name: target.name,
  blocking: target.blocking,
  onFailure: takesAccess ? 'park' : failurePolicy(target, verdict),
  retry: target.retry,
  ...(wave === 0 ? {} : { wave }),
  ...(lookFirst ? { lookFirst } : {}),
});

/** What becomes of a step that gives or changes access. One that removes it is parked, whatever its target's policy is. */
function failurePolicy(target: Target, verdict: Verdict): FailurePolicy {
  if (target.blocking) return 'compensate';
  return (verdict.kind === 'provision' ? verdict.onFailure : undefined) ?? target.onFailure;
}
