import { outboundOf, refusal } from '../decide.ts';
import type { ServiceProviderId, TargetId } from '../ids.ts';
import type { LinkState } from '../link.ts';
import { type Projection, project } from '../mapping/project.ts';
import { findServiceProvider, type IdentityProvider, type Policy, type Target } from '../policy.ts';
import { canonicalText } from '../scim/json.ts';
import type { ExpressionFacts } from './expression-facts.ts';
import { scopeOf } from './scope-of.ts';

/** What an edit of the policy does to one resource at one target. `unknown`: its scope has no answer for it. */
export type Effect = 'gains' | 'loses' | 'changes' | 'unknown';

export interface ComparedResource {
  readonly resourceType: string;
  readonly facts: ExpressionFacts;
  /** Of the change that wrote it last. */
  readonly serviceProvider: ServiceProviderId | undefined;
  readonly links: readonly { readonly target: TargetId; readonly state: LinkState }[];
}

/** What a policy wants of a target for a resource. `untouched`: it does not call the target, whatever is there. */
type Wanted =
  | { readonly kind: 'untouched' | 'absent' | 'unknown' }
  | { readonly kind: 'present'; readonly content: string };

/** A target whose treatment of resources differs between two versions of a policy. */
interface Edited {
  readonly id: TargetId;
  readonly before: Placed | undefined;
  readonly after: Placed | undefined;
}

interface Placed {
  readonly identityProvider: IdentityProvider;
  readonly target: Target;
}

/**
 * Compares two versions of a policy: which targets a resource gains, loses or is to be held otherwise at.
 *
 * Targets of which nothing differs that matters to a resource are left out at once, so a comparison costs by what was
 * edited and not by what there is.
 * */
export function comparePolicies(from: Policy, to: Policy) {
  const wayDiffers = JSON.stringify(waysOf(from)) !== JSON.stringify(waysOf(to));
  const edited = editedTargets(from, to, wayDiffers);
  const ways = { from: outboundBy(from), to: outboundBy(to) };

  function wantedBy(policy: 'from' | 'to', placed: Placed | undefined, resource: ComparedResource): Wanted {
    if (placed === undefined) return { kind: 'untouched' };
    const { identityProvider, target } = placed;
    const { resourceType, facts, serviceProvider } = resource;
    const isLinked = resource.links.some((link) => link.target === target.id && link.state !== 'gone');
    const outbound = ways[policy](serviceProvider);
    if (outbound === undefined || (!outbound.has(identityProvider.id) && !isLinked)) return { kind: 'untouched' };
    if (refusal(identityProvider, target, resourceType) !== undefined) return { kind: 'untouched' };
    const scope = scopeOf(target, resourceType, facts);
    if (scope.kind === 'unknown') return { kind: 'unknown' };
    if (scope.kind === 'out') return { kind: 'absent' };
    return {
      kind: 'present',
      content: canonicalText(contentOf(placed, resource)),
    };
  }

  return {
    /** Targets that differ. */
    targets: edited.map(({ id }) => id),
    effectsOn(resource: ComparedResource): ReadonlyMap<TargetId, Effect> {
      const effects = new Map<TargetId, Effect>();
      for (const { id, before, after } of edited) {
        const effect = effectOf(wantedBy('from', before, resource), wantedBy('to', after, resource), id, resource);
        if (effect !== undefined) effects.set(id, effect);
        else if (
          graceDiffers(before, after) &&
          resource.links.some((link) => link.target === id && link.state === 'disabled')
        )
          effects.set(id, 'changes');
      }
      return effects;
    },
  };
}

/** Whatever may make a difference at the target. References are compared by the ids that they have here. */
function contentOf(
  { identityProvider, target }: Placed,
  { resourceType, facts }: ComparedResource,
): Pick<Projection, 'account' | 'kept' | 'generated'> {
  const { account, kept, generated } = project(target.mapping, {
    ...facts,
    resourceType,
    tenant: '',
    identityProvider: identityProvider.name,
  });
  return { account, kept, generated };
}

function effectOf(before: Wanted, after: Wanted, target: TargetId, { links }: ComparedResource): Effect | undefined {
  const state = links.find((link) => link.target === target)?.state;
  const held = state !== undefined && state !== 'gone' && state !== 'disabled';
  switch (after.kind) {
    case 'untouched':
      return undefined;
    case 'unknown':
      return before.kind === 'unknown' ? undefined : 'unknown';
    case 'absent':
      return before.kind === 'absent' || !held ? undefined : 'loses';
    case 'present':
      if (before.kind === 'present') return before.content === after.content ? undefined : 'changes';
      return held ? 'changes' : 'gains';
  }
}

/** How long a disabled account is kept: no projection shows it. */
const graceDiffers = (before: Placed | undefined, after: Placed | undefined): boolean =>
  before?.target.deleteAfterDays !== after?.target.deleteAfterDays ||
  before?.target.deprovision !== after?.target.deprovision;

function editedTargets(from: Policy, to: Policy, wayDiffers: boolean): Edited[] {
  const before = placedTargets(from);
  const after = placedTargets(to);
  return [...new Set([...before.keys(), ...after.keys()])]
    .map((id) => ({ id, before: before.get(id), after: after.get(id) }))
    .filter((pair) => wayDiffers || JSON.stringify(matterOf(pair.before)) !== JSON.stringify(matterOf(pair.after)));
}

const placedTargets = (policy: Policy): Map<TargetId, Placed> =>
  new Map(
    policy.identityProviders.flatMap((identityProvider) =>
      identityProvider.targets.map((target) => [target.id, { identityProvider, target }]),
    ),
  );

/** All of a target that decides whether it holds a resource, and what of it. */
function matterOf(placed: Placed | undefined): unknown {
  if (placed === undefined) return null;
  const { enabled, resourceTypes, scope, mapping, deprovision, deleteAfterDays } = placed.target;
  const { id, enabled: isOn = true } = placed.identityProvider;
  return [id, isOn, enabled, resourceTypes, scope ?? null, mapping, deprovision, deleteAfterDays ?? null];
}

/** Where service providers send what they change. */
const waysOf = (policy: Policy): unknown =>
  policy.serviceProviders.map((provider) => [provider.id, provider.mode, [...outboundOf(policy, provider)].sort()]);

/** By service provider, once each. Undefined: it sends nothing. */
function outboundBy(policy: Policy) {
  const known = new Map<ServiceProviderId | undefined, ReturnType<typeof outboundOf> | undefined>();
  return (id: ServiceProviderId | undefined): ReturnType<typeof outboundOf> | undefined => {
    if (known.has(id)) return known.get(id);
    const provider = findServiceProvider(policy, id ?? ('' as ServiceProviderId));
    const outbound = provider.mode === 'persist' ? undefined : outboundOf(policy, provider);
    known.set(id, outbound);
    return outbound;
  };
}
