import type { AskedStage } from '../../domain/approval/approval.ts';
import type { ApprovalRule, ApprovalStage, NamedApprover } from '../../domain/approval/rule.ts';
import { asResourceId, type TenantId } from '../../domain/ids.ts';
import { personName } from '../../domain/person.ts';
import type { Target } from '../../domain/policy.ts';
import { isObject } from '../../domain/scim/json.ts';
import { ENTERPRISE_USER_SCHEMA, type Resource } from '../../domain/scim/resource.ts';
import type { MembershipStore } from '../../stores/memberships.ts';

export interface ResolveDependencies {
  readonly memberships: Pick<MembershipStore, 'ofGroups'>;
}

/** Whom "the manager" and "the owner" mean. */
export interface Concerned {
  /** The resource as it stands: a change that names another manager is not for him to approve. */
  readonly subject: Resource;
  readonly reached: readonly Pick<Target, 'owners'>[];
  /** They are never among those who are asked, by whatever way they would be. */
  readonly requesters: readonly string[];
}

/** Most members of a group who are asked; of a larger one, those with the lowest ids. */
const MOST_OF_A_GROUP = 500;

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
  { subject, reached }: Concerned,
  dependencies: ResolveDependencies,
): Promise<Set<string>> {
  const found = new Set<string>();
  for (const approver of approvers) {
    if (!('id' in approver) && approver.kind === 'manager') {
      const manager = managerOf(subject);
      if (manager !== undefined) found.add(personName(manager));
    } else if (!('id' in approver)) {
      for (const owner of reached.flatMap(({ owners }) => owners ?? []))
        for (const name of await named(owner, tenant, dependencies)) found.add(name);
    } else for (const name of await named(approver, tenant, dependencies)) found.add(name);
  }
  return found;
}

async function named(
  { kind, id }: NamedApprover,
  tenant: TenantId,
  { memberships }: ResolveDependencies,
): Promise<string[]> {
  if (kind === 'credential') return [id];
  if (kind === 'user') return [personName(id)];
  const options = { memberType: 'User', limit: MOST_OF_A_GROUP };
  return (await memberships.ofGroups(tenant, [asResourceId(id)], options)).map(({ member }) => personName(member));
}

function managerOf(resource: Resource): string | undefined {
  const enterprise = resource[ENTERPRISE_USER_SCHEMA];
  const manager = isObject(enterprise) ? enterprise['manager'] : undefined;
  const value = isObject(manager) ? manager['value'] : undefined;
  return typeof value === 'string' ? value : undefined;
}
