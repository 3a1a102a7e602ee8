import { activityInfo, cancellationSignal, heartbeat } from '@temporalio/activity';
import type { AccountType, Connector } from '../../connectors/connector.ts';
import { isProvostError, ProvostError } from '../../domain/errors.ts';
import type { TargetId, TenantId } from '../../domain/ids.ts';
import { findTarget, type Policy, type Target } from '../../domain/policy.ts';
import type { PatchOperation, ScimObject } from '../../domain/scim/resource.ts';
import type { ResourceTypeDefinition } from '../../domain/scim/schema/definition.ts';
import type { AwaitedMemberStore } from '../../stores/awaited-members.ts';
import type { ChangeStore } from '../../stores/changes.ts';
import type { LinkStore } from '../../stores/links.ts';
import type { MembershipStore } from '../../stores/memberships.ts';
import type { ResourceStore } from '../../stores/resources.ts';
import type { Provisioned, ProvisionInput, TargetActivities } from '../contract.ts';
import type { RequestReprojection } from '../request-reprojection.ts';
import { desiredAccount, requireTarget } from './desired.ts';
import { makeAbsent } from './make-absent.ts';
import { makePresent } from './make-present.ts';
import { bringMembers } from './members.ts';

export interface ProvisionDependencies {
  readonly resources: ResourceStore;
  readonly changes: ChangeStore;
  readonly links: LinkStore;
  readonly memberships: MembershipStore;
  readonly awaitedMembers: AwaitedMemberStore;
  readonly policies: {
    at(tenant: TenantId, version: number): Promise<Policy>;
    current(tenant: TenantId): Promise<Policy>;
  };
  /** The connector of a target, with the connection settings and secrets as they are now. */
  connectorFor(tenant: TenantId, target: Target): Promise<Connector>;
  /** Applies a PATCH to what a target holds, for resources that are not kept here. */
  patchAccount(account: ScimObject, operations: readonly PatchOperation[], type: ResourceTypeDefinition): ScimObject;
  typeNamed(tenant: TenantId, resourceType: string): Promise<ResourceTypeDefinition>;
  /** Asks for a resource to be brought to a target anew; repeating it for the same cause does nothing. */
  requestReprojection: RequestReprojection;
  hash(content: ScimObject): string;
  now(): Date;
  observeStep(step: { readonly connector: string; readonly outcome: string; readonly seconds: number }): void;
}

/** The activities of a target's own queue. Temporal retries them, so every line may run more than once. */
export const provisionActivities = (dependencies: ProvisionDependencies): TargetActivities => ({
  async provision(input) {
    const started = dependencies.now().getTime();
    const policy = await dependencies.policies.at(input.tenant, input.policyVersion);
    const target = requireTarget(findTarget(policy, input.target), policy);
    const observe = (outcome: string): void =>
      dependencies.observeStep({
        connector: target.connector,
        outcome,
        seconds: (dependencies.now().getTime() - started) / 1000,
      });
    const beat = setInterval(() => heartbeat(), Math.max(200, target.retry.heartbeatTimeoutMs / 3));
    try {
      const provisioned = await provision(input, target, dependencies);
      observe(provisioned.action);
      return provisioned;
    } catch (error) {
      observe(isProvostError(error) ? error.code : 'INTERNAL');
      throw error;
    } finally {
      clearInterval(beat);
    }
  },
});

async function provision(
  input: ProvisionInput,
  target: Target,
  dependencies: ProvisionDependencies,
): Promise<Provisioned> {
  const { tenant, resourceType, resourceId } = input;
  const { attempt } = activityInfo();
  const [desired, link, connector] = await Promise.all([
    desiredAccount(input, target, dependencies),
    dependencies.links.find(tenant, input.target, resourceId),
    currentConnector(tenant, input.target, dependencies),
  ]);
  const context = {
    connector,
    links: dependencies.links,
    target,
    type: accountType(resourceType),
    link,
    key: { tenant, target: input.target, resourceType, resourceId },
    lookFirst: input.lookFirst || attempt > 1,
    hash: dependencies.hash,
    signal: cancellationSignal(),
  };
  const action =
    desired.kind === 'present' ? await makePresent(context, desired.account) : await makeAbsent(context, desired.erase);
  const { memberships, awaitedMembers } = dependencies;
  const told =
    desired.kind === 'present' &&
    desired.members !== undefined &&
    (await bringMembers({ ...context, memberships, awaitedMembers }, desired.members));
  if (action === 'create' || action === 'link') await tellAwaitingGroups(input, dependencies);
  if (action === 'delete') await awaitedMembers.removeGroup(tenant, input.target, resourceId);
  return {
    action: told && action === 'nothing' ? 'update' : action,
    attempts: attempt,
    at: dependencies.now().toISOString(),
  };
}

/** Groups that wait for this account are brought up to date, each by its own workflow and so in its own order. */
async function tellAwaitingGroups(
  { tenant, target, resourceId, change }: ProvisionInput,
  { awaitedMembers, requestReprojection }: ProvisionDependencies,
): Promise<void> {
  for (const group of await awaitedMembers.groupsAwaiting(tenant, target, resourceId)) {
    await requestReprojection({ tenant, resourceType: 'Group', resourceId: group, targets: [target], cause: change });
  }
}

/** Where and how to connect is read anew: a credential that an operator mended counts for steps that wait already. */
async function currentConnector(
  tenant: TenantId,
  id: TargetId,
  dependencies: ProvisionDependencies,
): Promise<Connector> {
  const policy = await dependencies.policies.current(tenant);
  return dependencies.connectorFor(tenant, requireTarget(findTarget(policy, id), policy));
}

function accountType(resourceType: string): AccountType {
  if (resourceType === 'User' || resourceType === 'Group') return resourceType;
  throw new ProvostError('TARGET_REJECTED', `Targets take users and groups; ${resourceType} resources stay here.`);
}
