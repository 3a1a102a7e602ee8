import { applyBody, type ResourceRules } from '../../domain/apply-change.ts';
import { approvalIdOf } from '../../domain/approval/approval.ts';
import { asksAnybody } from '../../domain/approval/asks-anybody.ts';
import { rulesOf } from '../../domain/approval/rules-of.ts';
import { type ChangeBody, type ChangeRequest, hasEnded } from '../../domain/change.ts';
import { DEACTIVATION, deactivationOf, endsAccess, mayEndAccess, withoutActive } from '../../domain/deactivation.ts';
import { findServiceProvider, type Policy, type ServiceProvider } from '../../domain/policy.ts';
import type { ResourceTypeDefinition } from '../../domain/scim/schema/definition.ts';
import type { ApprovalStore } from '../../stores/approvals.ts';
import type { ChangeRecord, ChangeStore } from '../../stores/changes.ts';
import type { LinkStore } from '../../stores/links.ts';
import type { ResourceStore, StoredResource } from '../../stores/resources.ts';
import { type Intended, shown, subjectOf, touchedBy, unseen } from './ask-approval.ts';
import { partMembers } from './members.ts';
import { patchMode } from './patch-mode.ts';
import { requireVersion } from './require-version.ts';

export interface JudgeDependencies {
  readonly approvals: Pick<ApprovalStore, 'find'>;
  readonly changes: Pick<ChangeStore, 'accept' | 'find'>;
  readonly links: Pick<LinkStore, 'ofResource'>;
  readonly resources: Pick<ResourceStore, 'findToWrite' | 'findBefore'>;
  rulesFor(policy: Policy, resourceType: string): ResourceRules;
}

/** What a change does to somebody's access. */
export interface Access {
  /** It takes access away: it overtakes what else waits for the resource, and waits for nobody. */
  readonly urgent: boolean;
  /** What the change has to write: without the deactivation, where that is a change of its own. */
  readonly body: ChangeBody;
  /** The deactivation was taken out of it. What the client expected to find was held to then. */
  readonly isRest?: boolean;
  /** The change that is the deactivation; absent where there is none, or it has ended. */
  readonly deactivation?: ChangeRecord;
}

type WritingBody = Exclude<ChangeBody, { kind: 'delete' | 'reproject' }>;

/**
 * Finds out whether a change ends somebody's access, by what is stored. A deactivation waits for nobody, and takes
 * nothing along past an approval: where a rule may ask about the rest of the request, the deactivation becomes a change
 * of its own, and the rest goes the way of any other change. Doing it again comes to the same.
 *
 * @param isFirst the change was sent as urgent, and nobody has looked at it yet
 * @throws ProvostError what writing the change would throw: a request that cannot be carried out deactivates nobody
 */
export async function judgeAccess(
  change: ChangeRecord,
  body: ChangeBody,
  policy: Policy,
  isFirst: boolean,
  dependencies: JudgeDependencies,
): Promise<Access> {
  if (body.kind === 'delete') return { urgent: true, body };
  if (body.kind === 'reproject' || !mayEndAccess(body)) return { urgent: false, body };
  const { approvals, changes } = dependencies;
  const { tenant, id, partOf } = change;
  if (partOf !== undefined) return { urgent: true, body };
  const part = await changes.find(tenant, deactivationOf(id));
  if (part !== undefined)
    return {
      urgent: false,
      body: withoutActive(body),
      isRest: true,
      ...(isFirst && !hasEnded(part.state) ? { deactivation: part } : {}),
    };
  if (change.reference !== undefined) return { urgent: change.urgent, body };
  const provider = findServiceProvider(policy, change.serviceProvider);
  const found =
    provider.mode === 'provision-only'
      ? await unseenRest(change, body, policy, dependencies)
      : await restOf(change, body, provider, policy, dependencies);
  if (typeof found === 'boolean') return { urgent: found, body };
  const asked = await approvals.find(tenant, approvalIdOf(id));
  // What was approved was approved as a whole.
  if (asked !== undefined) return { urgent: asked.state === 'granted', body };
  const rest = touchedBy(found, shown(found));
  const rules = rulesOf(policy, provider);
  if (rest.length === 0 || !asksAnybody(rules, subjectOf(change, found, rest))) return { urgent: true, body };
  return {
    urgent: false,
    body: withoutActive(body),
    isRest: true,
    deactivation: await takeOut(change, dependencies),
  };
}

async function takeOut(change: ChangeRecord, { changes }: JudgeDependencies): Promise<ChangeRecord> {
  const { id, tenant, source, actor, serviceProvider, resourceType, resourceId, fingerprint, receivedAt } = change;
  const request: ChangeRequest = {
    id: deactivationOf(id),
    tenant,
    source,
    actor,
    serviceProvider,
    operation: 'patch',
    resourceType,
    resourceId,
    body: DEACTIVATION,
    idempotencyKey: deactivationOf(id),
    fingerprint,
    receivedAt,
    partOf: id,
  };
  const earlier = await changes.accept(request, change.policyVersion, true);
  const { body: _body, ...record } = request;
  return earlier ?? { ...record, policyVersion: change.policyVersion, urgent: true, state: 'received', steps: [] };
}

/** @returns what a change does besides ending access; or whether it does, where there is nothing to part */
async function restOf(
  change: ChangeRecord,
  body: WritingBody,
  provider: ServiceProvider,
  policy: Policy,
  dependencies: JudgeDependencies,
): Promise<Intended | boolean> {
  const { resources } = dependencies;
  const { tenant, resourceType, resourceId, id } = change;
  const before = await resources.findToWrite(tenant, resourceType, resourceId);
  if (before === undefined) return false;
  const wrote = before.standing === id || [before, before.upon].some((version) => version?.change === id);
  if (wrote) return hasEndedAccess(change, resources);
  const rules = dependencies.rulesFor(policy, resourceType);
  const { body: own, members } = partMembers(body, rules.type);
  const { resource: after } = applyBody(before.resource, own, rules, patchMode(change, provider));
  if (!endsAccess(before.resource, after)) return false;
  if (change.state !== 'waiting-approval') requireVersion(change, before);
  return {
    before: { ...before.resource, active: false },
    after,
    members,
    setsPassword: body.passwordHash !== undefined,
  };
}

/** Of a change that was written by an attempt whose answer was lost. */
async function hasEndedAccess(
  { tenant, resourceType, resourceId, id }: ChangeRecord,
  resources: Pick<ResourceStore, 'findBefore'>,
): Promise<boolean> {
  const was: StoredResource | 'none' | undefined = await resources.findBefore(tenant, resourceType, resourceId, id);
  return was !== undefined && was !== 'none' && was.resource['active'] !== false;
}

/**
 * Of what is sent on and not kept, only the accounts tell what stood. A request that disables ends access unless each
 * account that there is is known to be disabled.
 */
async function unseenRest(
  { tenant, resourceType, resourceId }: ChangeRecord,
  body: WritingBody,
  policy: Policy,
  { links, rulesFor }: JudgeDependencies,
): Promise<Intended | boolean> {
  const accounts = (await links.ofResource(tenant, resourceId)).filter(({ state }) => state !== 'gone');
  const areDisabled = accounts.every(({ state, content }) => state === 'disabled' || content?.['active'] === false);
  if (accounts.length > 0 && areDisabled) return false;
  const type: ResourceTypeDefinition = rulesFor(policy, resourceType).type;
  return unseen(withoutActive(body), type);
}
