import { type Approval, approvalIdOf, type Until, untilOf } from '../../domain/approval/approval.ts';
import { type Difference, differencesOf } from '../../domain/approval/difference.ts';
import { requireNotRefused } from '../../domain/approval/refusal.ts';
import { type ApprovalRule, type ApprovalSubject, ruleFor } from '../../domain/approval/rule.ts';
import { rulesOf } from '../../domain/approval/rules-of.ts';
import { saidBy } from '../../domain/approval/said.ts';
import { EVERYTHING, overlap } from '../../domain/approval/touches.ts';
import type { ChangeBody } from '../../domain/change.ts';
import { outboundOf, refusal } from '../../domain/decide.ts';
import type { ChangeId, TargetId } from '../../domain/ids.ts';
import { findServiceProvider, type Policy, type Target } from '../../domain/policy.ts';
import type { MemberOperation } from '../../domain/scim/group-members.ts';
import type { Resource, ScimValue } from '../../domain/scim/resource.ts';
import type { ResourceTypeDefinition } from '../../domain/scim/schema/definition.ts';
import type { ApprovalStore } from '../../stores/approvals.ts';
import type { ChangeRecord } from '../../stores/changes.ts';
import type { Announce } from '../notify/contract.ts';
import { partMembers } from './members.ts';
import { type ResolveDependencies, resolveStages } from './resolve-approvers.ts';

export interface AskApprovalDependencies extends ResolveDependencies {
  readonly approvals: ApprovalStore;
  readonly announce: Announce;
}

/** What a change waits for before it is persisted: its own approval, or another change of the same attributes. */
export type Awaited =
  | ({ readonly kind: 'approval'; readonly rule: string } & Until)
  | { readonly kind: 'change'; readonly change: ChangeId };

/** A change as far as approvals look at it, before anything is written. */
export interface Intended {
  readonly before: Resource | undefined;
  readonly after: Resource;
  readonly members: readonly MemberOperation[];
  readonly setsPassword: boolean;
  /** What a PATCH says of what is not kept, in the place of `before` and `after`. */
  readonly said?: readonly Difference[];
  /** What of the two nobody knows. */
  readonly unknown?: ApprovalSubject['unknown'];
}

/** Values that are shown of what happens to members. */
const MOST_MEMBERS_SHOWN = 100;

/**
 * Finds out what a change has to wait for, and asks for its approval. Doing it again asks nobody again.
 *
 * @returns undefined where it may be written now
 */
export async function askApproval(
  change: ChangeRecord,
  policy: Policy,
  intended: Intended,
  at: string,
  dependencies: AskApprovalDependencies,
): Promise<Awaited | undefined> {
  const { approvals } = dependencies;
  const { id, tenant, resourceType, resourceId, operation, serviceProvider } = change;
  const asked = await approvals.find(tenant, approvalIdOf(id));
  if (asked !== undefined) {
    requireNotRefused(asked.state);
    return asked.state === 'waiting' ? awaited(asked) : undefined;
  }
  const differences = shown(intended);
  // A PUT puts back whatever others have changed meanwhile, so nothing may be changed meanwhile.
  const named = touchedBy(intended, differences);
  const touches = operation === 'replace' ? [EVERYTHING] : named;
  const first = (await approvals.waitingOf(tenant, resourceId, at)).find((other) => overlap(other.touches, touches));
  if (first !== undefined) return { kind: 'change', change: first.change };
  const provider = findServiceProvider(policy, serviceProvider);
  const rule = ruleFor(rulesOf(policy, provider), subjectOf(change, intended, named));
  if (rule === undefined) return undefined;
  const outbound = outboundOf(policy, provider);
  const reached = policy.identityProviders.flatMap((identityProvider) =>
    outbound.has(identityProvider.id)
      ? identityProvider.targets.filter((target) => refusal(identityProvider, target, resourceType) === undefined)
      : [],
  );
  return awaited(await askOnce({ change, rule, intended, reached, touches, differences, at }, dependencies));
}

export const subjectOf = (
  { operation, resourceType, resourceId, source, serviceProvider, actor }: ChangeRecord,
  { before, after, unknown }: Intended,
  touches: readonly string[],
): ApprovalSubject => ({
  operation,
  resourceType,
  resourceId,
  source,
  serviceProvider,
  touches,
  facts: { before: before ?? {}, after, actor },
  ...(unknown === undefined ? {} : { unknown }),
});

/** What is asked, and about what. */
export interface Question {
  readonly change: ChangeRecord;
  readonly rule: ApprovalRule;
  readonly intended: Intended;
  /** Targets whose owners may be asked. */
  readonly reached: readonly Target[];
  readonly touches: readonly string[];
  readonly differences: readonly Difference[];
  readonly at: string;
  /** The target that it waits for; absent where it waits to be written. */
  readonly target?: TargetId;
  readonly creates?: boolean;
  /** Who asked for it before, where it is asked once more: they don't approve it either. */
  readonly askedBefore?: readonly string[];
}

/** Begins to ask. @returns the approval, as it was begun by an earlier attempt where there was one */
export async function askOnce(question: Question, dependencies: AskApprovalDependencies): Promise<Approval> {
  const { change, rule, intended, reached, touches, differences, at, target, creates, askedBefore = [] } = question;
  const { id, tenant, resourceType, resourceId, operation, actor, serviceProvider } = change;
  const requesters = [actor, ...askedBefore];
  const concerned = {
    subject: intended.before ?? intended.after,
    subjectId: resourceId,
    reached,
    requesters,
    party: { actors: requesters, serviceProvider },
    at,
  };
  const stages = await resolveStages(rule, tenant, concerned, dependencies);
  const approval: Approval = {
    id: approvalIdOf(id, target),
    change: id,
    ...(target === undefined ? {} : { target }),
    ...(creates === true ? { creates } : {}),
    tenant,
    resourceType,
    resourceId,
    operation,
    rule: rule.name,
    requester: askedBefore.at(-1) ?? actor,
    touches,
    differences,
    stages,
    stage: 0,
    state: 'waiting',
    decisions: [],
    askedAt: at,
    stageSince: at,
    expiresAt: new Date(Date.parse(at) + (stages[0]?.expiresAfterMs ?? 0)).toISOString(),
  };
  const asked = await dependencies.approvals.add(approval);
  await dependencies.announce({ tenant, approval: asked.id, event: 'approval-asked', stage: 0, at: asked.askedAt });
  return asked;
}

const awaited = (approval: Approval): Awaited => ({
  kind: 'approval',
  rule: approval.rule,
  ...untilOf(approval),
});

/**
 * What nobody keeps, or has kept, is judged by the request alone. What it does not tell is not known, and asks: what
 * stood, what a PATCH makes of it, and what a PUT takes away by leaving it out.
 */
export function unseen(body: ChangeBody, type: ResourceTypeDefinition): Intended {
  const nothing = { before: undefined, after: { schemas: [] }, members: [], setsPassword: false };
  if (body.kind === 'delete' || body.kind === 'reproject') return nothing;
  const { body: own, members } = partMembers(body, type);
  const setsPassword = own.passwordHash !== undefined;
  if (own.kind !== 'patch') {
    const known = { before: undefined, after: own.resource, members, setsPassword };
    return own.kind === 'create' ? known : { ...known, unknown: ['before'] };
  }
  return { ...nothing, members, setsPassword, said: saidBy(own.operations, type), unknown: ['before', 'after'] };
}

/** What approvers are shown: old and new values. */
export function shown({ before, after, said, members, setsPassword }: Intended): Difference[] {
  return [
    ...(said ?? differencesOf(before, after)),
    ...(members.length === 0 ? [] : [{ attribute: 'members', after: members.map(inWords) }]),
    ...(setsPassword ? [{ attribute: 'password', after: '(not shown)' }] : []),
  ];
}

/** Names of the attributes that a change touches, as far as that is known; {@link EVERYTHING} where it is not. */
export function touchedBy({ said, unknown }: Intended, differences: readonly Difference[]): string[] {
  const named = differences.map(({ attribute }) => attribute);
  const isUndecided = named.includes(EVERYTHING);
  const replacesUnseen = said === undefined && unknown !== undefined;
  return [
    ...named,
    ...(replacesUnseen && !isUndecided ? [EVERYTHING] : []),
    ...(isUndecided && !named.includes('members') ? ['members'] : []),
  ];
}

/** What happens to members, with their ids. */
function inWords(operation: MemberOperation): ScimValue {
  if (!('members' in operation)) return { operation: operation.kind };
  const { kind, members } = operation;
  return {
    operation: kind,
    count: members.length,
    members: members.slice(0, MOST_MEMBERS_SHOWN).map(({ value }) => value),
  };
}
