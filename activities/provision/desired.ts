import { ProvostError } from '../../domain/errors.ts';
import type { Policy, Target } from '../../domain/policy.ts';
import { projectAccount } from '../../domain/project-account.ts';
import type { ScimObject } from '../../domain/scim/resource.ts';
import { scopeOf } from '../../domain/scope/scope-of.ts';
import type { StoredResource } from '../../stores/resources.ts';
import { scopeFacts } from '../../stores/scope-facts.ts';
import type { ProvisionInput } from '../contract.ts';
import { partMembers } from '../persist/members.ts';
import type { ProvisionDependencies } from './index.ts';
import type { WantedMembers } from './members.ts';

/** What the target should hold. `absent` with `erase` where the account must go whatever its deprovision policy says. */
export type Desired =
  | { readonly kind: 'present'; readonly account: ScimObject; readonly members?: WantedMembers }
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
  if (stored === undefined) return { kind: 'absent', erase: input.source === 'before' };
  if (!(await isInScope(stored, target, input, dependencies))) return { kind: 'absent', erase: false };
  const account = projectAccount(stored.resource, resourceId, target.mapping);
  if (resourceType !== 'Group') return { kind: 'present', account };
  const members: WantedMembers =
    before === undefined ? { kind: 'since', version: stored.version } : { kind: 'undo', change };
  return { kind: 'present', account, members };
}

/**
 * By the groups that it is in now: who has left one while the step waited is out.
 *
 * @throws ProvostError `TARGET_MISCONFIGURED` where the scope has no answer; nothing is given or taken on a guess
 */
async function isInScope(
  stored: StoredResource,
  target: Target,
  { tenant, policyVersion }: ProvisionInput,
  dependencies: ProvisionDependencies,
): Promise<boolean> {
  if (target.scope === undefined) return true;
  const policy = await dependencies.policies.at(tenant, policyVersion);
  const answer = scopeOf(target, stored.type, await scopeFacts(stored, policy, dependencies));
  if (answer.kind === 'unknown') throw new ProvostError('TARGET_MISCONFIGURED', answer.because);
  return answer.kind === 'in';
}

/** `provision-only`: nothing is stored, so the request itself says it, a patch on top of what the target confirmed last. */
async function requested(input: ProvisionInput, target: Target, dependencies: ProvisionDependencies): Promise<Desired> {
  const { tenant, resourceId, change } = input;
  const found = await dependencies.changes.findWithBody(tenant, change);
  const body = found?.body;
  if (body === undefined || body.kind === 'delete') return { kind: 'absent', erase: false };
  const link =
    body.kind === 'patch' || body.kind === 'reproject'
      ? await dependencies.links.find(tenant, input.target, resourceId)
      : undefined;
  if (body.kind === 'reproject') {
    const members: WantedMembers = { kind: 'since', version: link?.membersVersion ?? 0 };
    return link?.content === undefined || link.state === 'disabled'
      ? { kind: 'absent', erase: false }
      : { kind: 'present', account: link.content, members };
  }
  const type = await dependencies.typeNamed(tenant, input.resourceType);
  const { body: own, members } = partMembers(body, type);
  const wanted = members.length === 0 ? {} : { members: { kind: 'operations', operations: members } as const };
  if (own.kind !== 'patch') {
    const facts = { id: resourceId, resource: own.resource, groups: [] };
    if (scopeOf(target, input.resourceType, facts).kind === 'out') return { kind: 'absent', erase: false };
    return { kind: 'present', account: projectAccount(own.resource, resourceId, target.mapping), ...wanted };
  }
  if (link?.content === undefined) {
    throw new ProvostError(
      'TARGET_NOT_FOUND',
      'Nothing is stored here and the target has confirmed no account that could be patched.',
    );
  }
  const account = dependencies.patchAccount(link.content, own.operations, type);
  return { kind: 'present', account, ...wanted };
}

/** @throws ProvostError `TARGET_MISCONFIGURED` where the target was removed meanwhile */
export function requireTarget(target: Target | undefined, policy: Policy): Target {
  if (target !== undefined) return target;
  throw new ProvostError(
    'TARGET_MISCONFIGURED',
    `The target is not in policy version ${policy.version}; skip the step or add the target again.`,
  );
}
