import { applyBody, type ResourceRules } from '../../domain/apply-change.ts';
import type { AcceptedChange, ChangeBody, StoredReference } from '../../domain/change.ts';
import { type Decision, decide } from '../../domain/decide.ts';
import { isProvostError, ProvostError } from '../../domain/errors.ts';
import type { TenantId } from '../../domain/ids.ts';
import { findServiceProvider, type Policy, type ServiceProvider } from '../../domain/policy.ts';
import type { Mode } from '../../domain/scim/mode.ts';
import type { Deviation } from '../../domain/scim/deviation.ts';
import type { AuditTrail } from '../../stores/audit.ts';
import type { ChangeRecord, ChangeStore } from '../../stores/changes.ts';
import { answerOfEnded } from '../../stores/ended-change.ts';
import type { LinkStore } from '../../stores/links.ts';
import type { MembershipStore } from '../../stores/memberships.ts';
import type { ResourceStore, StoredResource } from '../../stores/resources.ts';
import type { CoreActivities, Persisted } from '../contract.ts';
import { leaveGroups } from './leave-groups.ts';
import { partMembers, requireMembers, writeMembers } from './members.ts';

export interface PersistDependencies {
  readonly resources: ResourceStore;
  readonly changes: ChangeStore;
  readonly links: Pick<LinkStore, 'ofResource'>;
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
  return async (accepted) => {
    const found = await dependencies.changes.findWithBody(accepted.tenant, accepted.id);
    if (found === undefined) throw new ProvostError('NOT_FOUND', 'The change has no record.');
    const { change, body } = found;
    const ended = answerOfEnded(change);
    if (ended !== undefined) return { ...ended, steps: [], ended: true, at: dependencies.now().toISOString() };
    try {
      if (body === undefined) throw new Error('a change that has not ended has lost its body');
      return await decideAndWrite(accepted, change, body, dependencies);
    } catch (error) {
      if (isProvostError(error) && !error.traits.retryable) await recordRejection(change, error, dependencies);
      throw error;
    }
  };
}

async function decideAndWrite(
  accepted: AcceptedChange,
  change: ChangeRecord,
  body: ChangeBody,
  dependencies: PersistDependencies,
): Promise<Persisted> {
  const { tenant, resourceType, resourceId, operation } = change;
  const policy = await dependencies.policies.at(tenant, accepted.policyVersion);
  const linkedTargets =
    operation === 'delete' || operation === 'reproject'
      ? (await dependencies.links.ofResource(tenant, resourceId)).map((link) => link.target)
      : [];
  const decision = decide(
    {
      serviceProvider: change.serviceProvider,
      operation,
      resourceType,
      linkedTargets,
      ...(body.kind === 'reproject' ? { onlyTargets: body.targets } : {}),
    },
    policy,
  );
  const at = dependencies.now().toISOString();
  // Written before, by an attempt whose answer was lost. What stands now may be a later change's.
  if (change.reference !== undefined)
    return { mode: decision.mode, reference: change.reference, steps: decision.steps, at };
  const reference =
    decision.mode === 'provision-only' ? unstored(change, at) : await write(change, body, policy, at, dependencies);
  await dependencies.changes.update(tenant, change.id, {
    state: 'persisted',
    reference,
    decision: explained(decision),
  });
  return { mode: decision.mode, reference, steps: decision.steps, at };
}

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
): Promise<StoredReference> {
  const { resources } = dependencies;
  const { tenant, resourceType, resourceId } = change;
  if (body.kind === 'delete') return remove(change, at, dependencies);
  if (body.kind === 'reproject') return referenceTo(await existing(change, dependencies), false);

  const rules = dependencies.rulesFor(policy, resourceType);
  const provider = findServiceProvider(policy, change.serviceProvider);
  const before = body.kind === 'create' ? undefined : await existing(change, dependencies);
  if (before?.change === change.id) return referenceTo(before, true);
  requireVersion(change, before);

  const { body: own, members } = partMembers(body, rules.type);
  const after = applyBody(before?.resource, own, rules, patchMode(change, provider));
  if (provider.conformance === 'observed') dependencies.observeDeviations(change, after.deviations);
  const passwordHash = body.passwordHash ?? before?.passwordHash;
  const version = (before?.version ?? 0) + 1;
  const membersWrite = { tenant, group: resourceId, change: change.id, version };
  await requireMembers(membersWrite, members, dependencies);
  // A new group first, because its name may be taken; members of one that stands before it, so that its new version is
  // there only when all of it is.
  const membersChanged = before !== undefined && (await writeMembers(membersWrite, members, dependencies));
  if (before !== undefined && !after.changed && !membersChanged && passwordHash === before.passwordHash)
    return referenceTo(before, false);
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
  if (before !== undefined) await resources.replace(next, before.version);
  else {
    const standing = await resources.insert(next);
    await writeMembers(membersWrite, members, dependencies);
    if (standing !== undefined) return referenceTo(standing, true);
  }
  return { resourceId, version, lastModified: at, changed: true };
}

async function remove(change: ChangeRecord, at: string, dependencies: PersistDependencies): Promise<StoredReference> {
  const { tenant, resourceType, resourceId } = change;
  const before = await dependencies.resources.find(tenant, resourceType, resourceId);
  if (before !== undefined) requireVersion(change, before);
  if (before?.grouped) await leaveGroups(tenant, resourceId, change.id, at, dependencies);
  await dependencies.resources.remove(tenant, resourceType, resourceId, change.id, at);
  return { resourceId, version: 0, lastModified: at, changed: true };
}

async function existing(change: ChangeRecord, { resources }: PersistDependencies): Promise<StoredResource> {
  const found = await resources.find(change.tenant, change.resourceType, change.resourceId);
  if (found === undefined)
    throw new ProvostError('NOT_FOUND', `There is no such ${change.resourceType}; it may have been deleted.`);
  return found;
}

/** If-Match (RFC 7644 §3.14). */
function requireVersion({ expectedVersion }: ChangeRecord, before: StoredResource | undefined): void {
  if (expectedVersion === undefined || expectedVersion === '*') return;
  if (before === undefined || String(before.version) !== expectedVersion) {
    throw new ProvostError(
      'VERSION_MISMATCH',
      'The resource has changed since the version in If-Match; read it again.',
    );
  }
}

const referenceTo = ({ id, version, lastModified }: StoredResource, changed: boolean): StoredReference => ({
  resourceId: id,
  version,
  lastModified,
  changed,
});

/** What `strict` asks of clients is SCIM 2.0's: a PATCH of SCIM 1.1 or a SOAP call was put into its words by us. */
const patchMode = ({ source }: ChangeRecord, { conformance }: ServiceProvider): Mode =>
  source === 'scim1' || source === 'soap' ? 'tolerant' : conformance;

async function recordRejection(
  change: ChangeRecord,
  error: ProvostError,
  { changes, audit, now }: PersistDependencies,
): Promise<void> {
  const { tenant, id, resourceType, resourceId, receivedAt, actor } = change;
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
}
