import { applyBody, type ResourceRules } from '../../domain/apply-change.ts';
import { approvalIdOf } from '../../domain/approval/approval.ts';
import { type Influence, influencesOf } from '../../domain/approval/influence.ts';
import {
  type AcceptedChange,
  acceptedOf,
  type ChangeBody,
  hasEnded,
  STORE,
  type StepOutcome,
  type StoredReference,
} from '../../domain/change.ts';
import { type Decision, decide, type PlannedStep, type Subject } from '../../domain/decide.ts';
import { isProvostError, ProvostError } from '../../domain/errors.ts';
import type { ServiceProviderId, TenantId } from '../../domain/ids.ts';
import { findServiceProvider, findTarget, type Policy, residentOf } from '../../domain/policy.ts';
import type { Deviation } from '../../domain/scim/deviation.ts';
import type { AuditTrail } from '../../stores/audit.ts';
import type { ChangeRecord, ChangeStore } from '../../stores/changes.ts';
import { answerOfEnded } from '../../stores/ended-change.ts';
import type { LinkStanding, LinkStore } from '../../stores/links.ts';
import type { MembershipStore } from '../../stores/memberships.ts';
import type { ResourceStore, StoredResource } from '../../stores/resources.ts';
import { scopeFacts } from '../../stores/scope-facts.ts';
import { lastWriters } from '../../stores/walk-resources.ts';
import type { CoreActivities, Persisted } from '../contract.ts';
import { type FollowRolesDependencies, followRoles } from '../follow-roles.ts';
import { type AskApprovalDependencies, type Awaited, askApproval, type Intended, unseen } from './ask-approval.ts';
import { askBeforeTargets } from './ask-before-targets.ts';
import { commit, finishMembers } from './commit.ts';
import { judgeAccess } from './judge-access.ts';
import { keepReference } from './keep-reference.ts';
import { differenceOf, partMembers, requireMembers } from './members.ts';
import { patchMode } from './patch-mode.ts';
import { remove } from './remove.ts';
import { requireVersion } from './require-version.ts';
import { withdrawMembers } from './withdraw-members.ts';
import { changesMembers } from './write-members.ts';

export interface PersistDependencies extends FollowRolesDependencies {
  readonly approvals: AskApprovalDependencies['approvals'];
  readonly announce: AskApprovalDependencies['announce'];
  readonly resources: ResourceStore;
  readonly changes: ChangeStore;
  readonly links: Pick<LinkStore, 'ofResource' | 'standingsOf'>;
  readonly memberships: MembershipStore;
  readonly audit: AuditTrail;
  readonly policies: { at(tenant: TenantId, version: number): Promise<Policy> };
  /** Schema of a tenant's resource type at one version of its policy, with what follows from it. */
  rulesFor(policy: Policy, resourceType: string): ResourceRules;
  /** Learns what a client did differently from the RFCs that only the stored resource could tell. */
  observeDeviations(client: Pick<ChangeRecord, 'tenant' | 'serviceProvider'>, deviations: readonly Deviation[]): void;
  now(): Date;
}

/**
 * Decides a change and writes it: the one document that makes it true (design.md, flow 3 and 5). The document carries
 * the change's id, so doing it again is seen and does nothing.
 */
export function createPersist(dependencies: PersistDependencies): CoreActivities['persist'] {
  return persist;

  async function persist(accepted: AcceptedChange): Promise<Persisted> {
    const found = await dependencies.changes.findWithBody(accepted.tenant, accepted.id);
    if (found === undefined) throw new ProvostError('NOT_FOUND', 'The change has no record.');
    const { change, body } = found;
    if (change.undo !== undefined && !hasEnded(change.state)) return takenUpUndo(change, dependencies);
    const ended = answerOfEnded(change);
    if (ended !== undefined)
      return { ...ended, steps: [], ended: true, urgent: false, at: dependencies.now().toISOString() };
    try {
      if (body === undefined) throw new Error('a change that has not ended has lost its body');
      return await judgeAndWrite(accepted.urgent, change, body);
    } catch (error) {
      // What is written is no longer rejected: what follows it is tried again, in the end by an operator.
      const isWritten = await keepReference(change, dependencies);
      if (!isProvostError(error) || error.traits.retryable) throw error;
      if (isWritten) throw new Error('a change failed after it was written', { cause: error });
      await recordRejection(change, error, dependencies);
      throw error;
    }
  }

  /** Writes a change by what it does; one that was sent as urgent and is not is left for its turn. */
  async function judgeAndWrite(isFirst: boolean, change: ChangeRecord, body: ChangeBody): Promise<Persisted> {
    // As it was accepted, whatever whoever hands it over says.
    const policy = await dependencies.policies.at(change.tenant, change.policyVersion);
    const access = await judgeAccess(change, body, policy, isFirst, dependencies);
    const { urgent } = access;
    const part = access.deactivation && acceptedOf(access.deactivation, access.deactivation.policyVersion, true);
    const deactivation = part && { deactivation: { change: part, persisted: await persist(part) } };
    // What is not urgent waits for its turn: all of it, or what is left of it.
    if (isFirst && !urgent && change.reference === undefined) {
      const at = dependencies.now().toISOString();
      return { mode: 'persist', reference: unstored(change, at), steps: [], at, notUrgent: true, ...deactivation };
    }
    const { expectedVersion: _held, ...unconditional } = change;
    const judged = { ...(access.isRest ? unconditional : change), urgent };
    const persisted = await decideAndWrite(judged, access.body, policy, dependencies);
    return { ...persisted, urgent, ...deactivation };
  }
}

/** Of a change that was being taken back nothing is written or decided: its workflow goes on taking it back. */
async function takenUpUndo(change: ChangeRecord, { policies, now }: PersistDependencies): Promise<Persisted> {
  const { decision, error, steps: recorded } = change;
  const policy = await policies.at(change.tenant, change.policyVersion);
  const called = (decision?.reasons ?? []).filter((reason) => reason.called).map(({ target }) => target);
  const asked = new Set([...called, ...recorded.map(({ target }) => target)]);
  const steps = [...asked].flatMap((id): PlannedStep[] => {
    const target = findTarget(policy, id);
    if (target === undefined) return [];
    const { name, blocking, retry } = target;
    return [{ target: id, name, blocking, onFailure: 'park', retry }];
  });
  const at = now().toISOString();
  const reference = change.reference ?? unstored(change, at);
  const because = error === undefined ? {} : { because: { code: error.code, message: error.message } };
  const outcomes = recorded.filter(({ target, result }) => target !== STORE && ENDED.has(result));
  return { mode: decision?.mode ?? 'persist', reference, steps, at, urgent: false, undo: { outcomes, ...because } };
}

const ENDED: ReadonlySet<StepOutcome['result']> = new Set([
  'confirmed',
  'failed',
  'compensated',
  'skipped',
  'withheld',
]);

async function decideAndWrite(
  change: ChangeRecord,
  body: ChangeBody,
  policy: Policy,
  dependencies: PersistDependencies,
): Promise<Persisted> {
  const { tenant, resourceType, resourceId, operation } = change;
  const at = dependencies.now().toISOString();
  // Who looks at what stands may see the account of a step that ends meanwhile; one that is under way is the ledger's.
  const [links, written]: [readonly LinkStanding[], Written | Waiting] = await Promise.all([
    operation === 'create' ? [] : dependencies.links.standingsOf(tenant, [resourceId]),
    // Written before, by an attempt whose answer was lost. What stands now may be a later change's.
    change.reference === undefined
      ? write(change, body, policy, at, dependencies)
      : { ...(await standing(change, dependencies)), reference: change.reference },
  ]);
  if ('awaits' in written) return recordWait(change, written.awaits, at, dependencies);
  const serviceProvider =
    body.kind === 'reproject' ? await lastWriter(change, written.stands, policy, dependencies) : change.serviceProvider;
  const decided = decide(
    {
      serviceProvider,
      operation,
      source: change.source,
      urgent: change.urgent,
      resourceType,
      subject: await subjectOf(change, body, written.stands, policy, dependencies),
      links,
      ...(body.kind === 'reproject' ? { onlyTargets: body.targets, lookFirst: body.lookFirst ?? false } : {}),
    },
    policy,
  );
  const { resources } = dependencies;
  const decision =
    decided.provisions === undefined
      ? decided
      : await askBeforeTargets(
          {
            change,
            body,
            stands: written.stands,
            type: dependencies.rulesFor(policy, resourceType).type,
            links,
            serviceProvider,
          },
          decided,
          policy,
          at,
          { ...dependencies, resources },
        );
  const { reference } = written;
  // It may have been written by an attempt that failed before it was recorded.
  if (change.decision === undefined) {
    if (resourceType === 'Group' && body.kind !== 'reproject') {
      const followed = { change, version: reference.version, policy };
      if (operation !== 'delete') await followRoles({ ...followed, concerns: 'members' }, dependencies);
      if (operation === 'delete' || written.renamed || change.reference !== undefined)
        await followRoles({ ...followed, concerns: 'everybody' }, dependencies);
    }
    await dependencies.changes.update(tenant, change.id, {
      state: 'persisted',
      urgent: change.urgent,
      ...influencesNoted(written, policy, at),
      reference,
      decision: explained(decision),
    });
  }
  const { mode, steps, ifUnderWay = [] } = decision;
  return { mode, reference, steps, at, ...(ifUnderWay.length === 0 ? {} : { ifUnderWay }) };
}

/** What a write leaves behind. */
interface Written {
  readonly reference: StoredReference;
  /** Absent where nothing is kept, or nothing stands any more. */
  readonly stands?: StoredResource;
  /** It goes by another name than before. */
  readonly renamed?: boolean;
  /** What of it decides who is asked for approvals, or who answers. */
  readonly influences?: readonly Influence[];
}

/** Nothing was written. */
interface Waiting {
  readonly awaits: Awaited;
}

/** Who has no rules asks nobody, so there is nobody to influence. */
function influencesNoted(
  { influences = [] }: Written,
  { approvals, serviceProviders }: Policy,
  at: string,
): Pick<ChangeRecord, 'influences'> {
  const hasRules = approvals !== undefined || serviceProviders.some((provider) => provider.approvals !== undefined);
  return hasRules && influences.length > 0 ? { influences: { what: influences, at } } : {};
}

/** Says in the change's record and in the trail that it waits. */
async function recordWait(
  change: ChangeRecord,
  awaits: Awaited,
  at: string,
  { changes, audit }: PersistDependencies,
): Promise<Persisted> {
  const { tenant, id, resourceType, resourceId, operation, source, receivedAt, actor } = change;
  if (awaits.kind === 'approval')
    await audit.append({ tenant, resourceType, resourceId }, [
      { event: 'accepted', at: receivedAt, change: id, actor, facts: { operation, source } },
      { event: 'approval-asked', at: receivedAt, change: id, facts: { rule: awaits.rule } },
    ]);
  await changes.update(tenant, id, { state: 'waiting-approval', urgent: false });
  return { mode: 'persist', reference: unstored(change, at), steps: [], at, awaits };
}

/** What the change waits for; a policy that has never had a rule costs no look. */
async function waitOf(
  change: ChangeRecord,
  policy: Policy,
  intended: Intended,
  at: string,
  dependencies: PersistDependencies,
): Promise<Awaited | undefined> {
  if (change.urgent || change.source === 'engine') return undefined;
  if (policy.approvals === undefined && findServiceProvider(policy, change.serviceProvider).approvals === undefined)
    return undefined;
  return askApproval(change, policy, intended, at, dependencies);
}

async function standing(
  { tenant, resourceType, resourceId }: ChangeRecord,
  { resources }: PersistDependencies,
): Promise<Pick<Written, 'stands'>> {
  const stands = await resources.find(tenant, resourceType, resourceId);
  return stands === undefined ? {} : { stands };
}

/** What scopes are asked about. */
async function subjectOf(
  { resourceId }: ChangeRecord,
  body: ChangeBody,
  stands: StoredResource | undefined,
  policy: Policy,
  dependencies: PersistDependencies,
): Promise<Subject> {
  if (body.kind === 'delete') return { kind: 'gone' };
  if (stands !== undefined) return { kind: 'stands', facts: await scopeFacts(stands, policy, dependencies) };
  // Of what is not kept, a request that says it whole is all there is to judge by.
  if (body.kind === 'create' || body.kind === 'replace')
    return { kind: 'stands', facts: { id: resourceId, resource: body.resource, groups: [] } };
  return body.kind === 'reproject' ? { kind: 'gone' } : { kind: 'unseen' };
}

/** Whoever wrote, or sent, a resource last says where it goes when the engine itself brings it somewhere. */
async function lastWriter(
  { tenant, resourceId }: ChangeRecord,
  stands: StoredResource | undefined,
  policy: Policy,
  { changes }: PersistDependencies,
): Promise<ServiceProviderId> {
  const found =
    stands === undefined
      ? (await changes.list(tenant, { resourceId, limit: LATELY })).find(({ operation }) => operation !== 'reproject')
          ?.serviceProvider
      : (await lastWriters(changes, tenant, [stands]))(stands);
  return found ?? residentOf(policy).id;
}

/** Changes of one resource among which one by a client is looked for. */
const LATELY = 50;

/** The record keeps the reasons; how often a step may be tried is in the policy. */
const explained = ({ mode, reasons }: Decision): Decision => ({ mode, reasons, steps: [] });

const unstored = ({ resourceId }: ChangeRecord, at: string): StoredReference => ({
  resourceId,
  version: 0,
  lastModified: at,
  changed: true,
});

async function write(
  change: ChangeRecord,
  body: ChangeBody,
  policy: Policy,
  at: string,
  dependencies: PersistDependencies,
): Promise<Written | Waiting> {
  const { tenant, resourceType, resourceId } = change;
  if (findServiceProvider(policy, change.serviceProvider).mode === 'provision-only' && body.kind !== 'reproject') {
    const { type } = dependencies.rulesFor(policy, resourceType);
    const awaits = await waitOf(change, policy, unseen(body, type), at, dependencies);
    return awaits === undefined ? { reference: unstored(change, at) } : { awaits };
  }
  const rules = dependencies.rulesFor(policy, resourceType);
  if (body.kind === 'delete') return { reference: await remove(change, rules.type, at, dependencies) };
  if (body.kind === 'reproject') {
    const { stands } = await standing(change, dependencies);
    return stands === undefined
      ? { reference: unstored(change, at) }
      : { reference: referenceTo(stands, false), stands };
  }

  const provider = findServiceProvider(policy, change.serviceProvider);
  const before =
    body.kind === 'create' ? undefined : await dependencies.resources.findToWrite(tenant, resourceType, resourceId);
  if (before === undefined && body.kind !== 'create') return deletedSince(change, at, dependencies);
  // Done by an attempt that was cut off; something urgent may have been written upon it since.
  const done = before?.standing === change.id ? before : [before, before?.upon].find((it) => it?.change === change.id);
  if (before !== undefined && done !== undefined) {
    await finishMembers(before, rules.type, dependencies);
    // What it changed cannot be told any more: all that it may have changed counts.
    const influences = influencesOf(resourceType, undefined, before.resource, {
      setsPassword: body.passwordHash !== undefined,
      setsMembers: true,
    });
    return { reference: referenceTo({ ...done, id: before.id }, true), stands: before, renamed: true, influences };
  }
  const isGranted =
    (change.state === 'waiting-approval' || change.state === 'parked') &&
    (await dependencies.approvals.find(tenant, approvalIdOf(change.id))) !== undefined;
  // If-Match was held to when the change came; what it touches has not been changed since.
  if (!isGranted) requireVersion(change, before);

  const { body: own, members } = partMembers(body, rules.type);
  const after = applyBody(before?.resource, own, rules, patchMode(change, provider));
  if (provider.conformance === 'observed') dependencies.observeDeviations(change, after.deviations);
  const passwordHash = body.passwordHash ?? before?.passwordHash;
  const version = (before?.version ?? 0) + 1;
  const ofGroup = { tenant, group: resourceId, change: change.id };
  const known = await requireMembers(ofGroup, members, dependencies);
  const intended = {
    before: before?.resource,
    after: after.resource,
    members,
    setsPassword: body.passwordHash !== undefined,
  };
  const awaits = await waitOf(change, policy, intended, at, dependencies);
  if (awaits !== undefined) return { awaits };
  const difference = members.length === 0 ? undefined : await differenceOf(ofGroup, members, dependencies);
  const membersChanged = difference !== undefined && (await changesMembers(ofGroup, difference, dependencies));
  if (before !== undefined && !after.changed && !membersChanged && passwordHash === before.passwordHash)
    return { reference: referenceTo(before, false), stands: before };
  const created = before?.created ?? at;
  const store = before?.store ?? provider.userStore;
  const next = {
    id: resourceId,
    tenant,
    type: resourceType,
    store,
    version,
    change: change.id,
    created,
    lastModified: at,
    resource: after.resource,
    shadow: rules.shadow(after.resource, { id: resourceId, created, lastModified: at }),
    uniqueKeys: rules.uniqueKeys(after.resource, store),
    ...(passwordHash === undefined ? {} : { passwordHash }),
  };
  const planned = difference !== undefined && membersChanged ? { difference, known } : undefined;
  const written = await commit(next, before, planned, rules.type, dependencies);
  const influences = influencesOf(resourceType, before?.resource, next.resource, {
    setsPassword: intended.setsPassword,
    setsMembers: planned !== undefined,
  });
  if (written !== undefined) return { reference: referenceTo(written, true), stands: written, influences };
  return {
    influences,
    reference: { resourceId, version, lastModified: at, changed: true },
    stands: { ...next, ...(before?.grouped ? { grouped: true } : {}) },
    renamed: before !== undefined && before.resource['displayName'] !== after.resource['displayName'],
  };
}

/** @throws ProvostError `NOT_FOUND` unless it had been written by an attempt that was cut off, and was deleted since */
async function deletedSince(change: ChangeRecord, at: string, { resources }: PersistDependencies): Promise<Written> {
  if (await resources.wrote(change.tenant, change.resourceId, change.id)) return { reference: unstored(change, at) };
  throw new ProvostError('NOT_FOUND', `There is no such ${change.resourceType}; it may have been deleted.`);
}

const referenceTo = (
  { id, version, lastModified }: Pick<StoredResource, 'id' | 'version' | 'lastModified'>,
  changed: boolean,
): StoredReference => ({
  resourceId: id,
  version,
  lastModified,
  changed,
});

async function recordRejection(
  change: ChangeRecord,
  error: ProvostError,
  dependencies: PersistDependencies,
): Promise<void> {
  const { changes, audit, now } = dependencies;
  const { tenant, id, resourceType, resourceId, receivedAt, actor } = change;
  if (resourceType === 'Group') await withdrawMembers(change, now().toISOString(), dependencies);
  // The trail first: a change that has ended has its entries, whenever a worker dies.
  await audit.append({ tenant, resourceType, resourceId }, [
    {
      event: 'accepted',
      at: receivedAt,
      change: id,
      actor,
      facts: { operation: change.operation, source: change.source },
    },
    { event: 'rejected', at: receivedAt, change: id, facts: { code: error.code } },
  ]);
  await changes.update(
    tenant,
    id,
    {
      state: 'rejected',
      settledAt: now().toISOString(),
      error: { code: error.code, message: error.message, facts: error.facts },
    },
    { dropBody: true },
  );
}
