import type { ResourceRules } from '../domain/apply-change.ts';
import { STORE } from '../domain/change.ts';
import { isProvostError, ProvostError } from '../domain/errors.ts';
import { asChangeId, type ChangeId, type TenantId } from '../domain/ids.ts';
import type { Policy } from '../domain/policy.ts';
import { needsGroups } from '../domain/scope/scope-of.ts';
import type { ChangeRecord, ChangeStore } from '../stores/changes.ts';
import type { MembershipStore } from '../stores/memberships.ts';
import type { ResourceStore, Restored } from '../stores/resources.ts';
import type { StepEditStore } from '../stores/step-edits.ts';
import type { CoreActivities, RestoreInput } from './contract.ts';
import { editedRestore } from './edit-restored.ts';
import { type FollowRolesDependencies, followRoles } from './follow-roles.ts';
import { finishMembers } from './persist/commit.ts';
import { leaveGroups, rejoinGroups } from './persist/leave-groups.ts';
import { revertMembers } from './persist/write-members.ts';
import { reprojectGroups, type SettleMembershipsDependencies } from './settle-memberships.ts';

export interface RestoreDependencies extends FollowRolesDependencies, SettleMembershipsDependencies {
  readonly resources: ResourceStore;
  readonly memberships: MembershipStore;
  readonly changes: ChangeStore;
  readonly stepEdits: Pick<StepEditStore, 'find' | 'done'>;
  readonly policies: { at(tenant: TenantId, version: number): Promise<Policy> };
  rulesFor(policy: Policy, resourceType: string): ResourceRules;
  now(): Date;
}

/** Compensates a change in the store: what stood before it stands again, with the memberships of that time. */
export function createRestore(dependencies: RestoreDependencies): CoreActivities['restore'] {
  return async (input) => {
    const { resources, changes, policies } = dependencies;
    const { tenant, resourceType, resourceId, change } = input;
    const restoredBy = asChangeId(`${change}#undone`);
    const record = await changes.find(tenant, change);
    const policy = record === undefined ? undefined : await policies.at(tenant, record.policyVersion);
    const standing = await resources.findToWrite(tenant, resourceType, resourceId);
    if (policy !== undefined && standing?.writingMembers !== undefined)
      await finishMembers(standing, dependencies.rulesFor(policy, resourceType).type, dependencies);
    const edited =
      input.edited === true && policy !== undefined
        ? await editedRestore(tenant, change, dependencies.rulesFor(policy, resourceType), dependencies.stepEdits)
        : undefined;
    const order = { keep: input.keep ?? false, ...(edited === undefined ? {} : { edited }) };
    const restored = await resources
      .restore(tenant, resourceType, resourceId, change, restoredBy, order)
      .catch((error: unknown) => {
        throw isProvostError(error, 'UNIQUENESS') ? conflict(resourceType, error) : error;
      });
    if (restored.kind === 'kept') return false;
    await restoreMemberships(input, restoredBy, restored, record, dependencies);
    if (record !== undefined && policy !== undefined)
      await followRestored(record, restoredBy, restored, policy, dependencies);
    if (edited !== undefined) await dependencies.stepEdits.done({ tenant, change, target: STORE }, 'update');
    return true;
  };
}

/** A unique value that the change had freed belongs to another resource by now. */
const conflict = (resourceType: string, { facts }: ProvostError): ProvostError =>
  new ProvostError(
    'RESTORE_CONFLICT',
    `Another ${resourceType} has the ${facts.path ?? 'unique value'} by now that this one had before the change.`,
    facts,
  );

async function restoreMemberships(
  { tenant, resourceType, resourceId, change }: RestoreInput,
  restoredBy: ChangeId,
  restored: Exclude<Restored, { kind: 'kept' }>,
  record: ChangeRecord | undefined,
  dependencies: RestoreDependencies,
): Promise<void> {
  const { memberships, now } = dependencies;
  const at = now().toISOString();
  if (restored.kind === 'erased') {
    // Others may have let it into their groups while it was there.
    await leaveGroups(tenant, resourceId, restoredBy, at, dependencies);
    await reprojectGroups(tenant, resourceId, restoredBy, dependencies);
    if (resourceType === 'Group') await memberships.forget(tenant, resourceId);
    return;
  }
  if (record?.operation === 'delete') await rejoinGroups(tenant, resourceId, change, at, dependencies);
  if (resourceType !== 'Group') return;
  const { version, reverts } = restored;
  // Members who were deleted while the group was deleted, too, have left it.
  await memberships.giveVersion({ tenant, group: resourceId, version });
  await revertMembers({ tenant, group: resourceId, version, restoredBy, reverts }, dependencies);
}

/** Brings those to their targets whose scopes see other groups now. */
async function followRestored(
  change: ChangeRecord,
  restoredBy: ChangeId,
  restored: Exclude<Restored, { kind: 'kept' }>,
  policy: Policy,
  dependencies: RestoreDependencies,
): Promise<void> {
  const { tenant, resourceType, resourceId, operation, reference } = change;
  if (resourceType === 'Group' && reference !== undefined) {
    const version = restored.kind === 'restored' ? restored.version : reference.version + 1;
    const followed = { change, version, policy, writtenBy: restoredBy };
    if (operation !== 'delete') await followRoles({ ...followed, concerns: 'members' }, dependencies);
    await followRoles({ ...followed, concerns: 'everybody' }, dependencies);
  } else if (operation === 'delete') {
    // While targets got their accounts back, the user was still out of their groups, and so of what they give.
    const targets = policy.identityProviders
      .flatMap((provider) => provider.targets)
      .filter((target) => needsGroups(target, resourceType))
      .map(({ id }) => id);
    if (targets.length > 0)
      await dependencies.requestReprojection({ tenant, resourceType, resourceId, targets, cause: restoredBy });
  }
}
