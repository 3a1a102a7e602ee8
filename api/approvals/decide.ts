import { type Approval, type ApprovalOrder, askedNow, hasDecided } from '../../domain/approval/approval.ts';
import { ProvostError } from '../../domain/errors.ts';
import type { ApprovalId, ResourceId, TenantId } from '../../domain/ids.ts';
import { personName } from '../../domain/person.ts';
import type { ApprovalStore } from '../../stores/approvals.ts';
import type { CredentialStore } from '../../stores/credentials.ts';
import type { DelegationStore } from '../../stores/delegations.ts';
import type { ResourceStore } from '../../stores/resources.ts';
import type { Operate } from '../admin/changes/operate.ts';
import { createFindStanding } from '../identify/person.ts';

export interface DecideDependencies {
  readonly approvals: Pick<ApprovalStore, 'find'>;
  readonly delegations: Pick<DelegationStore, 'peopleOf'>;
  readonly credentials: Pick<CredentialStore, 'find'>;
  readonly resources: Pick<ResourceStore, 'find'>;
  readonly operate: Pick<Operate, 'moveApproval'>;
  now(): Date;
}

/** Whoever decides: a credential, a person, or a person by a credential of his. */
export interface Decider {
  readonly credential: string;
  readonly user?: ResourceId;
}

/** What approvals call whoever calls. */
export const namesOf = ({ credential, user }: Decider): string[] =>
  user === undefined ? [credential] : [...new Set([credential, personName(user)])];

/** People whom somebody stands in for now, as approvals call them. */
export async function standsInFor(
  tenant: TenantId,
  { user }: Decider,
  { delegations, now }: Pick<DecideDependencies, 'delegations' | 'now'>,
): Promise<string[]> {
  if (user === undefined) return [];
  return (await delegations.peopleOf(tenant, user, now().toISOString())).map(personName);
}

export type Decide = ReturnType<typeof createDecide>;

/** Takes decisions from people, however they come. */
export function createDecide(dependencies: DecideDependencies) {
  const { approvals, operate, resources, now } = dependencies;
  const findStanding = createFindStanding(resources);

  return { decide, existing, move, isRequester, requireStanding };

  /**
   * @throws ProvostError `NOT_FOUND` for whoever is not asked, `FORBIDDEN` for the requester and for a person who may not
   * act here, `OPERATION_NOT_WAITING` where it has ended or they have decided
   */
  async function decide(
    tenant: TenantId,
    id: ApprovalId,
    decider: Decider,
    { verdict, comment }: { readonly verdict: 'approve' | 'refuse'; readonly comment?: string | undefined },
  ): Promise<Approval> {
    await requireStanding(tenant, decider.user);
    const approval = await existing(tenant, id);
    const own = namesOf(decider);
    const asked = askedNow(approval);
    const decided = (name: string): boolean => own.some((person) => hasDecided(approval, name, person));
    const stoodInFor = (await standsInFor(tenant, decider, dependencies)).filter((name) => asked.includes(name));
    const by =
      own.find((name) => asked.includes(name)) ?? stoodInFor.find((name) => !decided(name)) ?? stoodInFor.at(0);
    // Who was never asked learns nothing of it.
    if (by === undefined && approval.state === 'waiting') throw notFound();
    if (await isRequester(decider, approval))
      throw new ProvostError('FORBIDDEN', 'Who asked for a change cannot approve it.');
    requireWaiting(approval);
    if (by === undefined) throw notFound();
    const self = own.at(-1) ?? decider.credential;
    if (decided(by))
      throw new ProvostError(
        'OPERATION_NOT_WAITING',
        'It has been decided already, by you or in your place; it waits for others.',
      );
    const order = {
      kind: verdict,
      ...(comment === undefined ? {} : { comment }),
      ...(own.includes(by) ? {} : { delegate: self }),
    };
    return move(approval, order, by);
  }

  /**
   * A person whose account ended decides no more, whatever still speaks for them: a link, a session, a token.
   *
   * @throws ProvostError `FORBIDDEN`
   */
  async function requireStanding(tenant: TenantId, user: ResourceId | undefined): Promise<void> {
    if (user === undefined || (await findStanding(tenant, user)) === 'may-act') return;
    throw new ProvostError(
      'FORBIDDEN',
      'You cannot decide: your account here is disabled, locked or deleted. Somebody else has to decide; an operator can reassign it.',
    );
  }

  /** @throws ProvostError `NOT_FOUND` */
  async function existing(tenant: TenantId, id: ApprovalId): Promise<Approval> {
    const found = await approvals.find(tenant, id);
    if (found === undefined) throw notFound();
    return found;
  }

  async function move(approval: Approval, order: ApprovalOrder, by: string): Promise<Approval> {
    const { tenant, id, change, target, resourceType, resourceId } = approval;
    const at = now().toISOString();
    const move = { change, ...(target && { target }), order, by, at };
    await operate.moveApproval({ tenant, resourceType, resourceId, move });
    return existing(tenant, id);
  }

  /** Whichever way he signs in: the credential that asked may be of the person who decides. */
  async function isRequester(decider: Decider, { tenant, requester }: Approval): Promise<boolean> {
    if (namesOf(decider).includes(requester)) return true;
    if (decider.user === undefined) return false;
    const asked = await dependencies.credentials.find(tenant, requester);
    return asked?.user === decider.user;
  }
}

/** @throws ProvostError `OPERATION_NOT_WAITING` */
export function requireReadable(approval: Approval): Approval {
  if (approval.unreadable !== true) return approval;
  throw new ProvostError('OPERATION_NOT_WAITING', 'The record of this approval is damaged; withdraw it.');
}

export function requireWaiting(approval: Approval): Approval {
  if (approval.state === 'waiting') return approval;
  throw new ProvostError('OPERATION_NOT_WAITING', `The approval is ${approval.state}; nothing waits for a decision.`);
}

const notFound = (): ProvostError => new ProvostError('NOT_FOUND', 'There is no approval with this id.');
