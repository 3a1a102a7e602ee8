import { setTimeout as delay } from 'node:timers/promises';
import { mayWithhold } from '../../domain/approval/rules-of.ts';
import { NOTHING_WITHHELD, type Withheld, withheldBy, withoutWithheld } from '../../domain/approval/withheld.ts';
import { type ChangeBody, hasEnded } from '../../domain/change.ts';
import { deactivationOf, mayEndAccess, withoutActive } from '../../domain/deactivation.ts';
import { ProvostError } from '../../domain/errors.ts';
import type { ChangeId, ResourceId, TenantId } from '../../domain/ids.ts';
import { type Projection, type ProjectionFacts, project, referencesIn } from '../../domain/mapping/project.ts';
import type { Policy, Target } from '../../domain/policy.ts';
import { resourceOf } from '../../domain/reverse-mapping.ts';
import type { Resource, ScimObject } from '../../domain/scim/resource.ts';
import { scopeOf } from '../../domain/scope/scope-of.ts';
import type { ChangeStore } from '../../stores/changes.ts';
import type { StoredResource } from '../../stores/resources.ts';
import { scopeFacts } from '../../stores/scope-facts.ts';
import type { ProvisionInput } from '../contract.ts';
import { partMembers } from '../persist/members.ts';
import type { ProvisionDependencies } from './index.ts';
import type { WantedMembers } from './members.ts';

/** What the target should hold. `absent` with `erase` where the account must go whatever its deprovision policy says. */
export type Desired =
  | {
      readonly kind: 'present';
      readonly projection: Projection;
      readonly members?: WantedMembers;
      /** Only an account that is there may be brought up to date: making one was not approved. */
      readonly mayNotCreate?: boolean;
    }
  | { readonly kind: 'absent'; readonly erase: boolean };

/** Reads what the step shall make true, at this moment: a step that waited for an hour shows what is stored then. */
export async function desiredAccount(
  input: ProvisionInput,
  target: Target,
  dependencies: ProvisionDependencies,
): Promise<Desired> {
  const { resources } = dependencies;
  const { tenant, resourceType, resourceId, change } = input;
  if (input.source === 'request') return requested(input, target, dependencies);

  const before =
    input.source === 'before' ? await resources.findBefore(tenant, resourceType, resourceId, change) : undefined;
  // Undoing a creation takes the account away again, even where people who leave are only disabled.
  if (before === 'none') return { kind: 'absent', erase: true };
  const stored: StoredResource | undefined = before ?? (await resources.find(tenant, resourceType, resourceId));
  if (stored === undefined)
    return input.source === 'before' ? unstoredBefore(input, dependencies) : { kind: 'absent', erase: false };
  const facts = await factsOf(stored, target, input, dependencies);
  if (!isInScope(target, facts)) return { kind: 'absent', erase: false };
  const withheld = await withheldFrom(stored, target, input, dependencies);
  const seen = { ...facts, resource: withoutWithheld(facts.resource, withheld) };
  const projection = await projected(target, seen, input, dependencies);
  const present = { kind: 'present', projection, ...(withheld.creation ? { mayNotCreate: true } : {}) } as const;
  if (resourceType !== 'Group' || withheld.values.has('members')) return present;
  const members: WantedMembers =
    before === undefined ? { kind: 'since', version: stored.version } : { kind: 'undo', change };
  return { ...present, members };
}

/**
 * What the target held before a change, where no version of the resource says it: nothing, if the change created the
 * resource. In `provision-only` nothing says what an account held before, so it stays as it is; only of a step that failed
 * it is known: what the target had confirmed last.
 *
 * @throws ProvostError `NO_EARLIER_STATE` where the account holds what the change asked for, and nobody knows what before
 */
async function unstoredBefore(
  { tenant, target, resourceId, change, failed = false }: ProvisionInput,
  { changes, links }: Pick<ProvisionDependencies, 'changes' | 'links'>,
): Promise<Desired> {
  const record = await changes.find(tenant, change);
  if (record?.operation === 'create') return { kind: 'absent', erase: true };
  // A later deletion has overtaken the change: that is what the store holds.
  if (record?.decision?.mode === 'persist-and-provision') return { kind: 'absent', erase: false };
  const link = await links.find(tenant, target, resourceId);
  if (failed && link === undefined) return { kind: 'absent', erase: false };
  if (failed && link?.state === 'linked' && link.content !== undefined)
    return { kind: 'present', projection: asItIs(link.content) };
  throw new ProvostError(
    'NO_EARLIER_STATE',
    'Nothing is stored of this resource, so the account cannot be given back what it held before, and stays as it is.',
  );
}

/** What the target must not learn of the resource. Who has never had a rule before a target is not looked up. */
async function withheldFrom(
  stored: StoredResource,
  target: Target,
  { tenant, resourceId, policyVersion }: ProvisionInput,
  { policies, approvals, changes }: Pick<ProvisionDependencies, 'policies' | 'approvals' | 'changes'>,
): Promise<Withheld> {
  // A step of an older policy shows what was written by a newer one, too.
  const own = await policies.at(tenant, policyVersion);
  const newest = await policies.current(tenant);
  if (!mayWithhold(own) && !mayWithhold(newest)) return NOTHING_WITHHELD;
  await untilAsked(stored, changes);
  return withheldBy(await approvals.ofTarget(tenant, resourceId, target.id));
}

/** Longest wait for a change that is being persisted, and between two looks, milliseconds. */
const ASKED_WITHIN_MS = 3_000;
const LOOK_EVERY_MS = 20;
/**
 * A change is written first, and people are asked before its record says so: until then nobody can tell what of it the
 * target may see.
 *
 * @throws ProvostError `CONCURRENT_WRITE` where the worker that wrote it is gone; the next one asks
 */
async function untilAsked({ tenant, change }: StoredResource, changes: Pick<ChangeStore, 'find'>): Promise<void> {
  for (let waited = 0; waited <= ASKED_WITHIN_MS; waited += LOOK_EVERY_MS) {
    const record = await changes.find(tenant, change);
    // What restores a resource has no record.
    if (record === undefined || record.reference !== undefined || hasEnded(record.state)) return;
    await delay(LOOK_EVERY_MS);
  }
  throw new ProvostError('CONCURRENT_WRITE', 'The resource was written, and is not decided yet.');
}

/** What scope and mapping see of a resource: by the groups that it is in now, who has left one while the step waited is out. */
async function factsOf(
  stored: StoredResource,
  target: Target,
  { tenant, policyVersion }: ProvisionInput,
  dependencies: ProvisionDependencies,
): Promise<ProjectionFacts> {
  const policy = await dependencies.policies.at(tenant, policyVersion);
  const facts = await scopeFacts(stored, policy, dependencies);
  return { ...facts, resourceType: stored.type, ...placeOf(target, policy) };
}

const placeOf = (target: Target, policy: Policy): Pick<ProjectionFacts, 'tenant' | 'identityProvider'> => ({
  tenant: policy.tenant,
  identityProvider:
    policy.identityProviders.find(({ targets }) => targets.some(({ id }) => id === target.id))?.name ?? '',
});

/** @throws ProvostError `TARGET_MISCONFIGURED` where the scope has no answer; nothing is given or taken on a guess */
function isInScope(target: Target, facts: ProjectionFacts): boolean {
  const answer = scopeOf(target, facts.resourceType, facts);
  if (answer.kind === 'unknown') throw new ProvostError('TARGET_MISCONFIGURED', answer.because);
  return answer.kind === 'in';
}

/**
 * The projection, with the accounts of those that it refers to. Whoever has none there is noted first and looked for
 * again: it may just be appearing.
 *
 * @throws ProvostError `TARGET_MISCONFIGURED` where a rule has no answer for this resource
 */
async function projected(
  target: Target,
  facts: ProjectionFacts,
  { tenant, resourceType, resourceId }: ProvisionInput,
  { links, awaitedMembers }: Pick<ProvisionDependencies, 'links' | 'awaitedMembers'>,
): Promise<Projection> {
  const references = referencesIn(target.mapping, facts);
  let accounts: ReadonlyMap<ResourceId, string> = new Map();
  if (references.length > 0) {
    accounts = await links.remoteIds(tenant, target.id, references);
    const missing = references.filter((id) => !accounts.has(id));
    await awaitedMembers.refer(tenant, target.id, { resourceType, resourceId }, missing);
    if (missing.length > 0) accounts = await links.remoteIds(tenant, target.id, references);
  }
  const projection = project(target.mapping, { ...facts, accounts });
  const failed = projection.outcomes.find(({ outcome }) => outcome === 'failed');
  if (failed === undefined) return projection;
  throw new ProvostError(
    'TARGET_MISCONFIGURED',
    `The mapping of ${failed.target} has no answer for this ${resourceType}: ${failed.note ?? ''}.`,
  );
}

/** `provision-only`: nothing is stored, so the request itself says it, a patch on top of what the target confirmed last. */
async function requested(input: ProvisionInput, target: Target, dependencies: ProvisionDependencies): Promise<Desired> {
  const { tenant, resourceId, change } = input;
  const body = await bodyOf(tenant, change, dependencies);
  if (body === undefined || body.kind === 'delete') return { kind: 'absent', erase: false };
  const link =
    body.kind === 'patch' || body.kind === 'reproject'
      ? await dependencies.links.find(tenant, input.target, resourceId)
      : undefined;
  if (body.kind === 'reproject') {
    const members: WantedMembers = { kind: 'since', version: link?.membersVersion ?? 0 };
    return link?.content === undefined || link.state === 'disabled'
      ? { kind: 'absent', erase: false }
      : { kind: 'present', projection: asItIs(link.content), members };
  }
  const type = await dependencies.typeNamed(tenant, input.resourceType);
  const { body: own, members } = partMembers(body, type);
  const wanted = members.length === 0 ? {} : { members: { kind: 'operations', operations: members } as const };
  const policy = await dependencies.policies.at(tenant, input.policyVersion);
  const factsAbout = (resource: ScimObject): ProjectionFacts => ({
    id: resourceId,
    resource,
    groups: [],
    resourceType: input.resourceType,
    ...placeOf(target, policy),
  });
  if (own.kind !== 'patch') {
    const facts = factsAbout(await withKnownActive(own.resource, input, dependencies));
    if (scopeOf(target, input.resourceType, facts).kind === 'out') return { kind: 'absent', erase: false };
    return { kind: 'present', projection: await projected(target, facts, input, dependencies), ...wanted };
  }
  if (link?.content === undefined) {
    throw new ProvostError(
      'TARGET_NOT_FOUND',
      'Nothing is stored here and the target has confirmed no account that could be patched.',
    );
  }
  const { mapping } = target;
  if (mapping.kind === 'like-for-like' && (mapping.rules ?? []).length === 0) {
    const account = dependencies.patchAccount(link.content, own.operations, type);
    return { kind: 'present', projection: asItIs(account), ...wanted };
  }
  // What is patched are our attributes, and what is known are the target's: the mapping is read backwards.
  const resource = resourceOf(link.content, mapping, type.schema.id);
  if (resource === undefined) {
    throw new ProvostError(
      'TARGET_MISCONFIGURED',
      'Nothing is stored here, and the mapping cannot be read backwards, so only a whole resource (PUT) can be sent.',
    );
  }
  const patched = dependencies.patchAccount(resource, own.operations, type);
  return { kind: 'present', projection: await projected(target, factsAbout(patched), input, dependencies), ...wanted };
}

/** What a change asks for; without its deactivation, where that was made a change of its own. */
async function bodyOf(
  tenant: TenantId,
  change: ChangeId,
  { changes }: Pick<ProvisionDependencies, 'changes'>,
): Promise<ChangeBody | undefined> {
  const body = (await changes.findWithBody(tenant, change))?.body;
  if (body === undefined || body.kind === 'delete' || body.kind === 'reproject' || !mayEndAccess(body)) return body;
  return (await changes.find(tenant, deactivationOf(change))) === undefined ? body : withoutActive(body);
}

/** A user who is said whole, `active` left out, stays as he is at the target: nobody is enabled by leaving it out. */
async function withKnownActive(
  resource: Resource,
  { tenant, target, resourceType, resourceId }: ProvisionInput,
  { links }: Pick<ProvisionDependencies, 'links'>,
): Promise<Resource> {
  if (resourceType !== 'User' || typeof resource['active'] === 'boolean') return resource;
  const link = await links.find(tenant, target, resourceId);
  const isDisabled = link?.state === 'disabled' || link?.content?.['active'] === false;
  return isDisabled ? { ...resource, active: false } : resource;
}

const asItIs = (account: ScimObject): Projection => ({
  account,
  initial: {},
  kept: [],
  awaited: [],
  generated: [],
  outcomes: [],
  active: account['active'] !== false,
});

/** @throws ProvostError `TARGET_MISCONFIGURED` where the target was removed meanwhile */
export function requireTarget(target: Target | undefined, policy: Policy): Target {
  if (target !== undefined) return target;
  throw new ProvostError(
    'TARGET_MISCONFIGURED',
    `The target is not in policy version ${policy.version}; skip the step or add the target again.`,
  );
}
