import type { Approval, AskedStage } from '../../domain/approval/approval.ts';
import { type Difference, differencesOf } from '../../domain/approval/difference.ts';
import { type ApprovalStage, EVERYTHING, overlap, ruleFor } from '../../domain/approval/rule.ts';
import { asResourceId, type ChangeId, type ResourceId } from '../../domain/ids.ts';
import type { Policy } from '../../domain/policy.ts';
import type { MemberOperation } from '../../domain/scim/group-members.ts';
import { isObject } from '../../domain/scim/json.ts';
import { ENTERPRISE_USER_SCHEMA, type Resource, type ScimValue } from '../../domain/scim/resource.ts';
import type { ApprovalStore } from '../../stores/approvals.ts';
import type { ChangeRecord } from '../../stores/changes.ts';
import type { MembershipStore } from '../../stores/memberships.ts';

export interface AskApprovalDependencies {
  readonly approvals: ApprovalStore;
  readonly memberships: Pick<MembershipStore, 'ofGroups'>;
}

/** What a change waits for before it is persisted: its own approval, or another change of the same attributes. */
export type Awaited =
  | { readonly kind: 'approval'; readonly rule: string; readonly expiresAt: string }
  | { readonly kind: 'change'; readonly change: ChangeId };

/** A change as far as approvals look at it, before anything is written. */
export interface Intended {
  readonly before: Resource | undefined;
  readonly after: Resource;
  readonly members: readonly MemberOperation[];
  readonly setsPassword: boolean;
}

/** Most members of a group who are asked; of a larger one, those with the lowest ids. */
const MOST_OF_A_GROUP = 500;

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
  const { id, tenant, resourceType, resourceId, operation, source, serviceProvider, actor } = change;
  const asked = await approvals.find(tenant, id);
  if (asked !== undefined) return asked.state === 'waiting' ? awaited(asked) : undefined;
  const differences = shown(intended);
  // A PUT puts back whatever others have changed meanwhile, so nothing may be changed meanwhile.
  const named = differences.map(({ attribute }) => attribute);
  const touches = operation === 'replace' ? [EVERYTHING] : named;
  const first = (await approvals.waitingOf(tenant, resourceId, at)).find((other) => overlap(other.touches, touches));
  if (first !== undefined) return { kind: 'change', change: first.id };
  const rule = ruleFor(policy.approvals ?? [], {
    operation,
    resourceType,
    resourceId,
    source,
    serviceProvider,
    touches: named,
  });
  if (rule === undefined) return undefined;
  const stages: AskedStage[] = [];
  for (const stage of rule.stages) stages.push(await resolve(stage, change, intended, dependencies));
  const approval: Approval = {
    id,
    tenant,
    resourceType,
    resourceId,
    operation,
    rule: rule.name,
    requester: actor,
    touches,
    differences,
    stages,
    stage: 0,
    state: 'waiting',
    decisions: [],
    askedAt: at,
    expiresAt: new Date(Date.parse(at) + (stages[0]?.expiresAfterMs ?? 0)).toISOString(),
  };
  await approvals.add(approval);
  return awaited(approval);
}

const awaited = ({ rule, expiresAt }: Approval): Awaited => ({ kind: 'approval', rule, expiresAt });

/** Whom a stage asks. The requester is never among them, by whatever way he would be. */
async function resolve(
  { approvers, needs, expiresAfterMs }: ApprovalStage,
  { tenant, actor }: ChangeRecord,
  { before, after }: Intended,
  { memberships }: AskApprovalDependencies,
): Promise<AskedStage> {
  const found = new Set<string>();
  for (const approver of approvers) {
    if (approver.kind === 'credential') found.add(approver.id);
    else if (approver.kind === 'user') found.add(person(approver.id));
    else if (approver.kind === 'manager') {
      // Whoever is the manager now: a change that names another one is not for him to approve.
      const manager = managerOf(before ?? after);
      if (manager !== undefined) found.add(person(manager));
    } else {
      const options = { memberType: 'User', limit: MOST_OF_A_GROUP };
      for (const { member } of await memberships.ofGroups(tenant, [asResourceId(approver.id)], options))
        found.add(person(member));
    }
  }
  found.delete(actor);
  return { approvers: [...found], needs: needs === 'all' ? Math.max(1, found.size) : needs, expiresAfterMs };
}

const person = (id: string | ResourceId): string => `user:${id}`;

function managerOf(resource: Resource): string | undefined {
  const enterprise = resource[ENTERPRISE_USER_SCHEMA];
  const manager = isObject(enterprise) ? enterprise['manager'] : undefined;
  const value = isObject(manager) ? manager['value'] : undefined;
  return typeof value === 'string' ? value : undefined;
}

function shown({ before, after, members, setsPassword }: Intended): Difference[] {
  return [
    ...differencesOf(before, after),
    ...(members.length === 0 ? [] : [{ attribute: 'members', after: members.map(inWords) }]),
    ...(setsPassword ? [{ attribute: 'password', after: '(not shown)' }] : []),
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
