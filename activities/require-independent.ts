import type { Approval, ApprovalOrder } from '../domain/approval/approval.ts';
import { influenceCountsSince, isOfAnother } from '../domain/approval/influence.ts';
import { ProvostError } from '../domain/errors.ts';
import { personNamed } from '../domain/person.ts';
import type { ChangeRecord, ChangeStore } from '../stores/changes.ts';
import type { DelegationStore } from '../stores/delegations.ts';

export interface IndependenceDependencies {
  readonly changes: Pick<ChangeStore, 'influencesOn'>;
  readonly delegations: Pick<DelegationStore, 'find'>;
}

/** Enough to tell a person's own changes from those of somebody else. */
const MOST_LOOKED_AT = 200;

/**
 * Refuses an approval in the name of a person whom those who asked for the change may be: their password or e-mail
 * address was changed by the same credential or service provider, or it arranged who decides in their place.
 *
 * @throws ProvostError `FORBIDDEN`
 */
export async function requireIndependent(
  { actor, serviceProvider }: Pick<ChangeRecord, 'actor' | 'serviceProvider'>,
  { tenant, requester, askedAt }: Approval,
  order: ApprovalOrder,
  by: string,
  { changes, delegations }: IndependenceDependencies,
): Promise<void> {
  if (order.kind !== 'approve') return;
  const person = personNamed(by);
  const people = [by, order.delegate ?? by].flatMap((name) => personNamed(name) ?? []);
  const party = { actors: [...new Set([requester, actor])], serviceProvider };
  if (people.length > 0) {
    const found = await changes.influencesOn(tenant, {
      on: [...new Set(people)],
      what: ['password', 'emails'],
      by: party,
      since: influenceCountsSince(askedAt),
      limit: MOST_LOOKED_AT,
    });
    if (found.some(isOfAnother))
      throw new ProvostError(
        'FORBIDDEN',
        'Who asked for this change, or the same service provider, changed the password or an e-mail address of the approver since it was asked, or shortly before. Somebody else has to decide: have an operator reassign it.',
      );
  }
  if (order.delegate === undefined || person === undefined) return;
  const delegation = await delegations.find(tenant, person);
  if (delegation?.setBy === undefined || delegation.setBy === by) return;
  if (party.actors.includes(delegation.setBy) || delegation.setFrom === serviceProvider)
    throw new ProvostError(
      'FORBIDDEN',
      'Who asked for this change, or the same service provider, arranged who decides in the place of the approver. The approver, or somebody else, has to decide.',
    );
}
