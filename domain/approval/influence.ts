import { personName } from '../person.ts';
import { isSameValue } from '../scim/json.ts';
import { ENTERPRISE_USER_SCHEMA, type Resource, type ScimObject, type ScimValue } from '../scim/resource.ts';

/**
 * What decides who is asked for an approval, or who answers: whoever can write it could choose his own approver, or
 * decide in an approver's name.
 */
export type Influence = 'password' | 'emails' | 'manager' | 'members';

/** How long before it asks a client may not have had influence on those who are asked. */
export const INFLUENCE_COUNTS_MS = 3 * 86_400_000;

/** Who asks for a change: the credential, and all that come by the same service provider. */
export interface Party {
  readonly actors: readonly string[];
  readonly serviceProvider: string;
}

/** Something that was written and decides who is asked or who answers. */
export interface InfluencingChange {
  readonly change: string;
  readonly actor: string;
  /** The user or group that was written. */
  readonly on: string;
}

/** What a change to a user or group does that has influence on approvals. */
export function influencesOf(
  resourceType: string,
  before: Resource | undefined,
  after: Resource,
  { setsPassword, setsMembers }: { readonly setsPassword: boolean; readonly setsMembers: boolean },
): Influence[] {
  if (resourceType === 'Group') return setsMembers ? ['members'] : [];
  if (resourceType !== 'User') return [];
  const found: Influence[] = setsPassword ? ['password'] : [];
  if (differs(before?.['emails'], after['emails'])) found.push('emails');
  if (differs(managerIn(before), managerIn(after))) found.push('manager');
  return found;
}

/** Whether somebody else than the person concerned wrote it: one's own password and address are one's own to change. */
export const isOfAnother = ({ actor, on }: InfluencingChange): boolean => actor !== personName(on);

/** From when on influence counts against a party that asked at a moment. ISO 8601 UTC. */
export const influenceCountsSince = (askedAt: string): string =>
  new Date(Date.parse(askedAt) - INFLUENCE_COUNTS_MS).toISOString();

function managerIn(resource: Resource | undefined): ScimValue | undefined {
  const enterprise = resource?.[ENTERPRISE_USER_SCHEMA] as ScimObject | undefined;
  return enterprise?.['manager'];
}

const differs = (one: ScimValue | undefined, other: ScimValue | undefined): boolean =>
  one === undefined || other === undefined ? one !== other : !isSameValue(one, other, 'unordered');
