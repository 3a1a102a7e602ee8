import { type Approval, askedNow, hasDecided } from '../../domain/approval/approval.ts';
import { ASKS, type Notice, type Occasion } from '../../domain/approval/notice.ts';
import { ProvostError } from '../../domain/errors.ts';
import { personName, personNamed } from '../../domain/person.ts';
import type { NotifyActivities } from './contract.ts';
import type { NotifyDependencies } from './index.ts';

/** Who is to be told of an occasion: the people who are asked and were not before, and the webhooks that want to know. */
export function createPlanNotices({
  approvals,
  delegations,
  notices,
  webhooks,
  now,
}: NotifyDependencies): NotifyActivities['planNotices'] {
  return async (occasion) => {
    const { tenant, approval: id, event } = occasion;
    const approval = await approvals.find(tenant, id);
    if (approval === undefined || !hasHappened(approval, occasion))
      // It is announced before it is written, so that it cannot be forgotten.
      throw new ProvostError('CONCURRENT_WRITE', 'The approval has not come so far yet.');
    const hooks = (await webhooks.list(tenant)).filter(({ events }) => events === undefined || events.includes(event));
    const receivers: Pick<Notice, 'channel' | 'receiver' | 'delegate'>[] = hooks.map((hook) => ({
      channel: 'webhook',
      receiver: hook.id,
    }));
    if (ASKS.has(event) && approval.state === 'waiting') {
      const told = await notices.ofApproval(tenant, id);
      const isNew = (name: string): boolean =>
        !told.some(
          ({ channel, stage, receiver }) => channel === 'mail' && stage === approval.stage && receiver === name,
        );
      const people = askedNow(approval)
        .filter((name) => (event === 'approval-reminded' ? !hasDecided(approval, name, name) : isNew(name)))
        .flatMap((name) => personNamed(name) ?? []);
      receivers.push(...people.map((person) => ({ channel: 'mail', receiver: personName(person) }) as const));
      const absent = await delegations.delegatesOf(tenant, people, now().toISOString());
      for (const { person, delegate } of absent)
        if (personName(delegate) !== approval.requester)
          receivers.push({ channel: 'mail', receiver: personName(person), delegate: personName(delegate) });
    }
    const planned = receivers.map((receiver) => noticeOf(occasion, approval, receiver));
    await notices.add(planned);
    return planned.map((notice) => notice.id);
  };
}

/** Whether what was announced is written by now. */
function hasHappened(
  { stage, state, stages, decisions, remindedAt = '' }: Approval,
  { event, stage: then, at }: Occasion,
): boolean {
  switch (event) {
    case 'approval-asked':
      return stage >= then;
    case 'approval-escalated':
      return state !== 'waiting' || stage > then || stages[stage]?.escalation === undefined;
    case 'approval-reminded':
      return state !== 'waiting' || stage > then || remindedAt >= at;
    case 'approval-reassigned':
      return true;
    case 'approval-decided':
      return state !== 'waiting' || decisions.some((decision) => decision.at >= at);
    default:
      return state !== 'waiting';
  }
}

const noticeOf = (
  { tenant, approval, event, at }: Occasion,
  { stage }: Approval,
  { channel, receiver, delegate }: Pick<Notice, 'channel' | 'receiver' | 'delegate'>,
): Notice => ({
  id: [approval, event, at, channel, receiver, ...(delegate === undefined ? [] : [delegate])].join('/'),
  tenant,
  approval,
  event,
  stage,
  at,
  channel,
  receiver,
  ...(delegate === undefined ? {} : { delegate }),
  state: 'pending',
});
