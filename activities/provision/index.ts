import { cancellationSignal } from '@temporalio/activity';
import type { AccountType, Connector } from '../../connectors/connector.ts';
import type { StepAction } from '../../domain/change.ts';
import { isProvostError, ProvostError } from '../../domain/errors.ts';
import type { TenantId } from '../../domain/ids.ts';
import type { Link } from '../../domain/link.ts';
import { findTarget, type Policy, type Target } from '../../domain/policy.ts';
import type { PatchOperation, ScimObject } from '../../domain/scim/resource.ts';
import type { ResourceTypeDefinition } from '../../domain/scim/schema/definition.ts';
import { openMsBetween } from '../../domain/target-health.ts';
import type { AccountDecisionStore } from '../../stores/account-decisions.ts';
import type { ApprovalStore } from '../../stores/approvals.ts';
import type { AwaitedMemberStore } from '../../stores/awaited-members.ts';
import type { ChangeStore } from '../../stores/changes.ts';
import type { DeletionCountStore } from '../../stores/deletion-counts.ts';
import type { LinkStore } from '../../stores/links.ts';
import type { MembershipStore } from '../../stores/memberships.ts';
import type { ResourceStore } from '../../stores/resources.ts';
import type { RetentionStore } from '../../stores/retentions.ts';
import type { StagedDeletionStore } from '../../stores/staged-deletions.ts';
import type { StepEdit, StepEditStore } from '../../stores/step-edits.ts';
import type { Provisioned, ProvisionInput, TargetActivities } from '../contract.ts';
import type { RequestReprojection } from '../request-reprojection.ts';
import { type AttemptRecord, createAttemptRecord } from './admission/attempt-record.ts';
import { asWaiting, withPause } from './admission/attempts.ts';
import { guardDeletion } from './admission/deletion-guard.ts';
import { createGate, type Gate, type GateDependencies, isClosed } from './admission/gate.ts';
import { type MeteredConnector, meterConnector } from './admission/metered-connector.ts';
import { desiredAccount, requireTarget } from './desired.ts';
import { editProjection, withEdit } from './edited.ts';
import { followDecision } from './follow-decision.ts';
import { makeAbsent } from './make-absent.ts';
import { makePresent } from './make-present.ts';
import { bringMembers } from './members.ts';
import type { DeletionSchedule } from './schedule-deletion.ts';

export interface ProvisionDependencies extends GateDependencies {
  readonly resources: ResourceStore;
  readonly changes: ChangeStore;
  readonly links: LinkStore;
  readonly retentions: Pick<RetentionStore, 'of' | 'learn' | 'keeps'>;
  readonly accountDecisions: Pick<AccountDecisionStore, 'find' | 'carriedOut' | 'remove'>;
  readonly memberships: MembershipStore;
  readonly awaitedMembers: AwaitedMemberStore;
  readonly deletionCounts: DeletionCountStore;
  readonly stagedDeletions: StagedDeletionStore;
  readonly approvals: Pick<ApprovalStore, 'ofTarget'>;
  readonly stepEdits: Pick<StepEditStore, 'find' | 'done'>;
  readonly policies: {
    at(tenant: TenantId, version: number): Promise<Policy>;
    current(tenant: TenantId): Promise<Policy>;
  };
  withConnector: WithConnector;
  /** Applies a PATCH to what a target holds, for resources that are not kept here. */
  patchAccount(account: ScimObject, operations: readonly PatchOperation[], type: ResourceTypeDefinition): ScimObject;
  typeNamed(tenant: TenantId, resourceType: string): Promise<ResourceTypeDefinition>;
  /** Asks for a resource to be brought to a target anew; repeating it for the same cause does nothing. */
  requestReprojection: RequestReprojection;
  /** Ends the grace of accounts that were disabled. */
  readonly deletions: DeletionSchedule;
  hash(content: ScimObject): string;
  now(): Date;
  observeStep(step: { readonly connector: string; readonly outcome: string; readonly seconds: number }): void;
}

/** Gives the connector of a target, with its settings and secrets as they are now. It stays open until `use` ends. */
export type WithConnector = <Result>(
  tenant: TenantId,
  target: Target,
  use: (connector: Connector) => Promise<Result>,
) => Promise<Result>;

/** The activities of a target's own queue. Temporal retries them, so every line may run more than once. */
export const provisionActivities = (dependencies: ProvisionDependencies): TargetActivities => {
  const gate = createGate(dependencies);
  return {
    async provision(input) {
      const started = dependencies.now().getTime();
      const policy = await dependencies.policies.at(input.tenant, input.policyVersion);
      // After the version of the change: a worker that knew only an older one reads anew.
      const newest = await dependencies.policies.current(input.tenant);
      const target = requireTarget(findTarget(policy, input.target), policy);
      const observe = (outcome: string): void =>
        dependencies.observeStep({
          connector: target.connector,
          outcome,
          seconds: (dependencies.now().getTime() - started) / 1000,
        });
      const attempts = createAttemptRecord();
      const beat = setInterval(attempts.beat, Math.max(200, target.retry.heartbeatTimeoutMs / 3));
      try {
        // Where and how to call is read anew: what an operator mended counts for steps that wait already.
        const current = requireTarget(findTarget(newest, input.target), newest);
        const attempt = { target, current, attempts, gate };
        const provisioned =
          input.edit === undefined
            ? await admitted(input, attempt, dependencies)
            : await withEdit(input, input.edit, dependencies, (edit) =>
                admitted(input, { ...attempt, edit }, dependencies),
              );
        observe(provisioned.action);
        return provisioned;
      } catch (error) {
        observe(isProvostError(error) ? error.code : 'INTERNAL');
        // Only what failed has something to remember: a sign of life for every step would be a write for every step.
        attempts.beat();
        throw error;
      } finally {
        clearInterval(beat);
      }
    },
  };
};

interface Attempt {
  /** As the change was decided on. */
  readonly target: Target;
  /** As it is configured now. */
  readonly current: Target;
  readonly attempts: AttemptRecord;
  readonly gate: Gate;
  readonly edit?: StepEdit;
}

/** One attempt, when the target may be called; what comes of it is what is known of the target from then on. */
async function admitted(
  input: ProvisionInput,
  attempt: Attempt,
  dependencies: ProvisionDependencies,
): Promise<Provisioned> {
  const { target, current, attempts, gate, edit } = attempt;
  const { tenant, resourceId, urgent = false } = input;
  const caller = { tenant, target: current, resource: resourceId, urgent, signal: cancellationSignal() };
  const ageMs = async (): Promise<number> => {
    const [from, to] = [attempts.firstAt, dependencies.now().getTime()];
    return from === undefined ? 0 : openMsBetween(await gate.health(tenant, target.id), current, { from, to });
  };
  attempts.refuseFurther(target.retry);
  const { probing } = await gate.enter(caller);
  const lookFirst = input.lookFirst || attempts.mayHaveActed;
  attempts.begin(probing, dependencies.now().getTime());
  let connector: MeteredConnector | undefined;
  const tried = await dependencies
    .withConnector(tenant, current, (opened) => {
      const beforeAccountGoes = (how: 'delete' | 'disable') => guardDeletion(input, current, how, dependencies);
      connector = meterConnector(opened, { caller, gate, beforeAccountGoes });
      return provision({ ...input, lookFirst }, { target, connector, attempts, edit }, dependencies);
    })
    .then(
      (provisioned) => ({ provisioned }),
      (error: unknown) => ({ error }),
    );
  const isQuarantined = await gate.learn(caller, connector?.lastCall, probing);
  if ('provisioned' in tried) return tried.provisioned;
  const { error } = tried;
  if (!isProvostError(error) || isClosed(error)) throw error;
  // A step that finds out that the target fails for everybody waits for it like all others.
  if (isQuarantined && error === connector?.lastCall) throw asWaiting(error);
  throw withPause(error, attempts, await ageMs(), target.retry, Math.random());
}

/** Attributes that a step's outcome names; the target's state names all. */
const MOST_NAMED = 30;

/** What one attempt calls, and by what. */
interface Provisioning extends Pick<Attempt, 'target' | 'attempts'> {
  readonly connector: Connector;
  readonly edit: StepEdit | undefined;
}

async function provision(
  input: ProvisionInput,
  { target, connector, attempts: { tried }, edit }: Provisioning,
  dependencies: ProvisionDependencies,
): Promise<Provisioned> {
  const { tenant, resourceType, resourceId } = input;
  const key = { tenant, target: input.target, resourceType, resourceId };
  const [desired, known, decision] = await Promise.all([
    desiredAccount(input, target, dependencies),
    ownLink(key, dependencies),
    // Whoever decides about an account has it looked at.
    input.lookFirst ? dependencies.accountDecisions.find(key, input.change) : undefined,
  ]);
  const link =
    decision === undefined || decision.kind === 'create'
      ? known
      : await followDecision(
          {
            ...dependencies,
            connector,
            target,
            type: accountType(resourceType),
            link: known,
            key,
            signal: cancellationSignal(),
          },
          decision,
        ).catch(async (error: unknown) => {
          // What cannot be carried out is decided anew: no later look may stumble over it.
          if (isProvostError(error) && !error.traits.retryable) await dependencies.accountDecisions.remove(key);
          throw error;
        });
  const done = (action: StepAction, notKept: readonly string[] = []): Provisioned => ({
    action,
    attempts: Math.max(1, tried),
    at: dependencies.now().toISOString(),
    ...(notKept.length === 0 ? {} : { notKept: notKept.slice(0, MOST_NAMED) }),
  });
  if (link === 'forgotten') {
    await dependencies.accountDecisions.carriedOut(key, input.change);
    return done('nothing');
  }
  if (desired.kind === 'present' && desired.mayNotCreate && (link === undefined || link.state === 'gone'))
    return done('nothing');
  const context = {
    connector,
    links: dependencies.links,
    retentions: dependencies.retentions,
    target,
    type: accountType(resourceType),
    link,
    key,
    lookFirst: input.lookFirst,
    ...(decision?.kind === 'create' ? { mustCreate: true } : {}),
    deletions: dependencies.deletions,
    now: dependencies.now,
    hash: dependencies.hash,
    signal: cancellationSignal(),
  };
  const { action, notKept } =
    desired.kind === 'present'
      ? await makePresent(context, edit === undefined ? desired.projection : editProjection(desired.projection, edit))
      : { action: await makeAbsent(context, desired.erase), notKept: [] };
  if (decision !== undefined) await dependencies.accountDecisions.remove(key);
  const { memberships, awaitedMembers } = dependencies;
  const told =
    desired.kind === 'present' &&
    desired.members !== undefined &&
    (await bringMembers(
      { ...context, memberships, awaitedMembers, compare: input.compareMembers === true },
      desired.members,
    ));
  if (desired.kind === 'present' && link?.disabledAt !== undefined) await dependencies.deletions.cancel(context.key);
  // A link that was made and not brought up to date was made by an attempt that was lost.
  const isNew = action === 'create' || action === 'link' || (link?.state === 'linked' && link.content === undefined);
  if (isNew) await tellWaiting(input, dependencies);
  // Whoever comes back is projected anew, and waits anew. Nothing is left of an account that was never made either.
  if (desired.kind === 'absent') await awaitedMembers.removeGroup(tenant, input.target, resourceId);
  // Of a deletion that was compensated or overtaken, an approval must not let a later one through.
  if (target.deletionGuard !== undefined) await dependencies.stagedDeletions.remove(tenant, input.target, resourceId);
  return done(told && action === 'nothing' ? 'update' : action, notKept);
}

/**
 * What is known of the account. One that was disabled, and has become another resource's since, is nobody's concern here:
 * neither enabled again with this resource nor deleted when its grace is over.
 */
async function ownLink(
  key: Pick<Link, 'tenant' | 'target' | 'resourceType' | 'resourceId'>,
  { links }: Pick<ProvisionDependencies, 'links'>,
): Promise<Link | undefined> {
  const link = await links.find(key.tenant, key.target, key.resourceId);
  if (link?.state !== 'disabled' || link.remoteId === undefined) return link;
  if ((await links.otherHolder(key, link.remoteId)) === undefined) return link;
  await links.remove(key.tenant, key.target, key.resourceId);
  return undefined;
}

/** Who waits for this account is brought up to date, each by its own workflow and so in its own order. */
async function tellWaiting(
  { tenant, target, resourceId, change }: ProvisionInput,
  { awaitedMembers, requestReprojection }: ProvisionDependencies,
): Promise<void> {
  for (const waiting of await awaitedMembers.waitingFor(tenant, target, resourceId))
    await requestReprojection({ ...waiting, tenant, targets: [target], cause: change });
}

function accountType(resourceType: string): AccountType {
  if (resourceType === 'User' || resourceType === 'Group') return resourceType;
  throw new ProvostError('TARGET_REJECTED', `Targets take users and groups; ${resourceType} resources stay here.`);
}
