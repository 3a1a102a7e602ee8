import type { AskedStage } from '../../domain/approval/approval.ts';
import { type Influence, influenceCountsSince, isOfAnother, type Party } from '../../domain/approval/influence.ts';
import type { ApprovalRule, ApprovalStage, NamedApprover } from '../../domain/approval/rule.ts';
import { asChangeId, asResourceId, type ResourceId, type TenantId } from '../../domain/ids.ts';
import { personName } from '../../domain/person.ts';
import type { Target } from '../../domain/policy.ts';
import { isObject } from '../../domain/scim/json.ts';
import { ENTERPRISE_USER_SCHEMA, type Resource } from '../../domain/scim/resource.ts';
import type { ChangeStore } from '../../stores/changes.ts';
import type { MembershipStore } from '../../stores/memberships.ts';

export interface ResolveDependencies {
  readonly memberships: Pick<MembershipStore, 'ofGroups' | 'letIn'>;
  readonly changes: Pick<ChangeStore, 'influencesOn'>;
}

/** Whom "the manager" and "the owner" mean. */
export interface Concerned {
  /** The resource as it stands: a change that names another manager is not for him to approve. */
  readonly subject: Resource;
  readonly reached: readonly Pick<Target, 'owners'>[];
  readonly subjectId: ResourceId;
  /** They are never among those who are asked, by whatever way they would be. */
  readonly requesters: readonly string[];
  /** Nobody whom it made an approver shortly before it asks is asked. */
  readonly party: Party;
  /** When it asks. ISO 8601 UTC. */
  readonly at: string;
}

/** Most members of a group who are asked; of a larger one, those with the lowest ids. */
const MOST_OF_A_GROUP = 500;

/** Most changes of a group by those who ask whose members are told from the others. */
const MOST_CHANGES = 500;

/** Finds the people whom each stage of a rule asks. */
export async function resolveStages(
  { stages }: ApprovalRule,
  tenant: TenantId,
  concerned: Concerned,
  dependencies: ResolveDependencies,
): Promise<AskedStage[]> {
  const resolved: AskedStage[] = [];
  for (const stage of stages) {
    const found = await resolve(stage, tenant, concerned, dependencies);
    for (const requester of concerned.requesters) found.delete(requester);
    const { needs, expiresAfterMs, remindEveryMs, escalation } = stage;
    const others = escalation === undefined ? undefined : await resolve(escalation, tenant, concerned, dependencies);
    for (const requester of concerned.requesters) others?.delete(requester);
    resolved.push({
      approvers: [...found],
      needs: needs === 'all' ? Math.max(1, found.size) : needs,
      expiresAfterMs,
      ...(remindEveryMs === undefined ? {} : { remindEveryMs }),
      ...(escalation === undefined || others === undefined
        ? {}
        : { escalation: { afterMs: escalation.afterMs, approvers: [...others] } }),
    });
  }
  return resolved;
}

async function resolve(
  { approvers }: Pick<ApprovalStage, 'approvers'>,
  tenant: TenantId,
  concerned: Concerned,
  dependencies: ResolveDependencies,
): Promise<Set<string>> {
  const found = new Set<string>();
  for (const approver of approvers) {
    if (!('id' in approver) && approver.kind === 'manager') {
      const manager = managerOf(concerned.subject);
      if (manager !== undefined && !(await choseManager(tenant, concerned, dependencies)))
        found.add(personName(manager));
    } else if (!('id' in approver)) {
      for (const owner of concerned.reached.flatMap(({ owners }) => owners ?? []))
        for (const name of await named(owner, tenant, concerned, dependencies)) found.add(name);
    } else for (const name of await named(approver, tenant, concerned, dependencies)) found.add(name);
  }
  return found;
}

async function named(
  { kind, id }: NamedApprover,
  tenant: TenantId,
  concerned: Concerned,
  dependencies: ResolveDependencies,
): Promise<string[]> {
  if (kind === 'credential') return [id];
  if (kind === 'user') return [personName(id)];
  const group = asResourceId(id);
  const options = { memberType: 'User', limit: MOST_OF_A_GROUP };
  const members = (await dependencies.memberships.ofGroups(tenant, [group], options)).map(({ member }) => member);
  const letIn = await letInByParty(tenant, group, members, concerned, dependencies);
  return members.filter((member) => !letIn.has(member)).map(personName);
}

/** Changes of one user or group by those who ask, within the time that counts. */
const influences = (
  tenant: TenantId,
  on: ResourceId,
  what: Influence,
  { party, at }: Concerned,
  { changes }: ResolveDependencies,
) =>
  changes.influencesOn(tenant, {
    on: [on],
    what: [what],
    by: party,
    since: influenceCountsSince(at),
    limit: MOST_CHANGES + 1,
  });

const choseManager = async (
  tenant: TenantId,
  concerned: Concerned,
  dependencies: ResolveDependencies,
): Promise<boolean> =>
  (await influences(tenant, concerned.subjectId, 'manager', concerned, dependencies)).some(isOfAnother);

/** Members whom those who ask let into the group; all, where they changed it so often that nobody can tell. */
async function letInByParty(
  tenant: TenantId,
  group: ResourceId,
  members: readonly ResourceId[],
  concerned: Concerned,
  dependencies: ResolveDependencies,
): Promise<ReadonlySet<ResourceId>> {
  const found = await influences(tenant, group, 'members', concerned, dependencies);
  if (found.length === 0) return new Set();
  if (found.length > MOST_CHANGES) return new Set(members);
  const ids = found.map(({ change }) => asChangeId(change));
  return new Set(await dependencies.memberships.letIn(tenant, group, members, ids));
}

function managerOf(resource: Resource): string | undefined {
  const enterprise = resource[ENTERPRISE_USER_SCHEMA];
  const manager = isObject(enterprise) ? enterprise['manager'] : undefined;
  const value = isObject(manager) ? manager['value'] : undefined;
  return typeof value === 'string' ? value : undefined;
}
