import type { ApprovalId } from '../ids.ts';
import type { Resource, ScimObject, ScimValue } from '../scim/resource.ts';
import type { Approval } from './approval.ts';

/**
 * What a target must not learn of a resource: each attribute keeps the value it had there before somebody was asked,
 * until the newest approval about that attribute is granted. So whatever shows the resource to the target meanwhile,
 * another change, a re-sync or a repair, shows nothing that nobody approved.
 */
export interface Withheld {
  /** It may not have an account yet. */
  readonly creation: boolean;
  /** Attribute → what the target holds; undefined where it holds no value. */
  readonly values: ReadonlyMap<string, ScimValue | undefined>;
}

export const NOTHING_WITHHELD: Withheld = { creation: false, values: new Map() };

/** @param approvals all about one resource at one target, the oldest first */
export function withheldBy(
  approvals: readonly Pick<Approval, 'state' | 'operation' | 'creates' | 'differences'>[],
): Withheld {
  let creation = false;
  const values = new Map<string, ScimValue | undefined>();
  for (const { state, operation, creates, differences } of approvals) {
    if (creates) {
      creation = state !== 'granted';
      // An account that was granted is granted as a whole. One that an operator links is his to answer for.
      values.clear();
      if (operation === 'create') continue;
    }
    for (const { attribute, before } of differences) {
      if (state === 'granted') values.delete(attribute);
      else values.set(attribute, before);
    }
  }
  return { creation, values };
}

/**
 * Approvals that no longer say anything about what a target may see, whatever becomes of any of them: later ones are
 * about all of their attributes, or about the whole account.
 *
 * @param approvals all about one resource at one target, the oldest first
 */
export function superseded(approvals: readonly Pick<Approval, 'id' | 'creates' | 'touches'>[]): ApprovalId[] {
  const later = new Set<string>();
  let isMadeLater = false;
  const found: ApprovalId[] = [];
  for (const { id, creates, touches } of approvals.toReversed()) {
    if (isMadeLater || (!creates && touches.every((name) => later.has(name)))) found.push(id);
    for (const name of touches) later.add(name);
    isMadeLater ||= creates === true;
  }
  return found;
}

/** The resource as a target may see it. */
export function withoutWithheld<Given extends Resource | ScimObject>(resource: Given, { values }: Withheld): Given {
  if (values.size === 0) return resource;
  const seen: Record<string, ScimValue | undefined> = { ...resource };
  for (const [attribute, value] of values) {
    const end = attribute.lastIndexOf(':');
    if (end === -1) set(seen, attribute, value);
    else {
      const urn = attribute.slice(0, end);
      const extension = { ...(seen[urn] as ScimObject | undefined) };
      set(extension, attribute.slice(end + 1), value);
      set(seen, urn, Object.keys(extension).length === 0 ? undefined : extension);
    }
  }
  return seen as Given;
}

function set(object: Record<string, ScimValue | undefined>, name: string, value: ScimValue | undefined): void {
  if (value === undefined) delete object[name];
  else object[name] = value;
}
