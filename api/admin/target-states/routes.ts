import { randomUUID } from 'node:crypto';
import type { AuditEvent } from '../../../domain/audit.ts';
import { ProvostError } from '../../../domain/errors.ts';
import { asChangeId, asResourceId, type TenantId } from '../../../domain/ids.ts';
import type { Target } from '../../../domain/policy.ts';
import { extendQuarantine, pause, release, resume, type TargetHealth } from '../../../domain/target-health.ts';
import type { Principal } from '../../identify/principal.ts';
import type { RoutesDependencies } from '../dependencies.ts';
import { existingIdentityProvider } from '../identity-providers/edit.ts';
import { type AdminRoute, defineRoute } from '../route.ts';
import { existingTarget } from '../targets/edit.ts';
import { decidedAnswer, extension, targetOrder, targetState } from './schemas.ts';
import { viewOfTargetState } from './view.ts';

const GROUP = 'Targets in trouble';
const ONE = '/tenants/:tenant/identity-providers/:identityProvider/targets/:target/state';
const STATE = { status: 200, description: 'How it fares now.', schema: targetState } as const;

interface Order {
  readonly tenant: TenantId;
  readonly principal: Principal;
  readonly target: Target;
  readonly event: AuditEvent;
  readonly facts?: Readonly<Record<string, string | number>>;
  readonly comment?: string | undefined;
}

/** How targets fare, and what operators do about it. Each action is in the audit trail of the target's id. */
export function targetStateRoutes(dependencies: RoutesDependencies): AdminRoute[] {
  const { edits, targetStates, retentions, stagedDeletions, deletionCounts, waitingSteps, audit, now } = dependencies;

  async function targetAt(tenant: TenantId, at: { readonly identityProvider: string; readonly target: string }) {
    return existingTarget(existingIdentityProvider(await edits.newest(tenant), at.identityProvider), at.target);
  }

  async function stateOf(tenant: TenantId, target: Target) {
    const at = now().getTime();
    const [health, known, waiting, staged, used] = await Promise.all([
      targetStates.find(tenant, target.id),
      retentions.ofTarget(tenant, target.id),
      waitingSteps(tenant, target.id),
      stagedDeletions.count(tenant, target.id),
      target.deletionGuard === undefined
        ? undefined
        : deletionCounts.used(tenant, target.id, target.deletionGuard.windowMs, at),
    ]);
    const counts = {
      waitingSteps: waiting,
      stagedDeletions: staged,
      ...(used === undefined ? {} : { deletionsInWindow: used }),
    };
    const notKept = known.map(({ resourceType, retention }) => ({ resourceType, attributes: retention.notKept }));
    return viewOfTargetState({ target, health, notKept }, counts, at);
  }

  async function record({ tenant, principal, target, event, facts, comment }: Order): Promise<void> {
    await audit.append({ tenant, resourceType: 'Target', resourceId: asResourceId(target.id) }, [
      {
        event,
        at: now().toISOString(),
        change: asChangeId(randomUUID()),
        actor: principal.credential,
        facts: { target: target.id, ...facts, ...(comment === undefined ? {} : { comment }) },
      },
    ]);
  }

  /** @throws ProvostError `OPERATION_NOT_WAITING` where it changes nothing */
  async function change(order: Order, how: (health: TargetHealth) => TargetHealth, otherwise: string) {
    const { changed } = await targetStates.update(order.tenant, order.target.id, how);
    if (!changed) throw new ProvostError('OPERATION_NOT_WAITING', otherwise);
    await record(order);
    return { body: await stateOf(order.tenant, order.target) };
  }

  async function decide(order: Order, verdict: 'approved' | 'rejected') {
    const { tenant, principal, target } = order;
    const decision = { verdict, by: principal.credential, at: now().toISOString() };
    const deletions = await stagedDeletions.decide(tenant, target.id, decision);
    if (deletions === 0) throw new ProvostError('OPERATION_NOT_WAITING', 'The target has no staged deletions.');
    await record({ ...order, facts: { deletions } });
    return { body: { deletions } };
  }

  return [
    defineRoute({
      method: 'get',
      path: ONE,
      operation: 'readTargetState',
      group: GROUP,
      summary: 'See how a target fares, and what waits for it',
      permission: 'view changes',
      answer: STATE,
      async handle({ tenant, parameters }) {
        return { body: await stateOf(tenant, await targetAt(tenant, parameters)) };
      },
    }),
    defineRoute({
      method: 'post',
      path: `${ONE}/pause`,
      operation: 'pauseTarget',
      group: GROUP,
      summary: 'Call a target no more until it is resumed',
      description: 'Within a second or so: steps that are under way are finished. All others wait, deactivations too.',
      permission: 'operate',
      body: targetOrder,
      answer: STATE,
      failures: { 409: 'It is paused already.' },
      async handle({ tenant, principal, parameters, body: { comment } }) {
        const target = await targetAt(tenant, parameters);
        const order: Order = { tenant, principal, target, event: 'target-paused', comment };
        return change(
          order,
          (held) => pause(held, principal.credential, now().getTime()),
          'The target is paused already.',
        );
      },
    }),
    defineRoute({
      method: 'post',
      path: `${ONE}/resume`,
      operation: 'resumeTarget',
      group: GROUP,
      summary: 'Call a paused target again',
      description: 'What waits goes on by itself, deactivations first, as fast as the target may be called.',
      permission: 'operate',
      body: targetOrder,
      answer: STATE,
      failures: { 409: 'It is not paused.' },
      async handle({ tenant, principal, parameters, body: { comment } }) {
        const target = await targetAt(tenant, parameters);
        const order: Order = { tenant, principal, target, event: 'target-resumed', comment };
        return change(order, (held) => resume(held, now().getTime()), 'The target is not paused.');
      },
    }),
    defineRoute({
      method: 'post',
      path: `${ONE}/release`,
      operation: 'releaseTarget',
      group: GROUP,
      summary: 'End the quarantine of a target now',
      description: 'It fails again for as many as its breaker says, and is then quarantined again.',
      permission: 'operate',
      body: targetOrder,
      answer: STATE,
      failures: { 409: 'It is not in quarantine.' },
      async handle({ tenant, principal, parameters, body: { comment } }) {
        const target = await targetAt(tenant, parameters);
        const order: Order = { tenant, principal, target, event: 'target-released', comment };
        const released = (held: TargetHealth): TargetHealth =>
          held.quarantine === undefined ? held : release(held, now().getTime());
        return change(order, released, 'The target is not in quarantine.');
      },
    }),
    defineRoute({
      method: 'post',
      path: `${ONE}/extend`,
      operation: 'extendQuarantine',
      group: GROUP,
      summary: 'Leave a target in quarantine alone for longer',
      permission: 'operate',
      body: extension,
      answer: STATE,
      failures: { 409: 'It is not in quarantine.' },
      async handle({ tenant, principal, parameters, body: { forMs, comment } }) {
        const target = await targetAt(tenant, parameters);
        const order: Order = {
          tenant,
          principal,
          target,
          event: 'target-quarantine-extended',
          facts: { forMs },
          comment,
        };
        const until = now().getTime() + forMs;
        return change(order, (held) => extendQuarantine(held, until), 'The target is not in quarantine.');
      },
    }),
    ...(['approve', 'reject'] as const).map((verb) =>
      defineRoute({
        method: 'post',
        path: `${ONE}/staged-deletions/${verb}`,
        operation: `${verb}StagedDeletions`,
        group: GROUP,
        summary:
          verb === 'approve' ? 'Let all staged deletions of a target happen' : 'Keep all accounts that were to go',
        description:
          verb === 'approve'
            ? 'Those that are staged now. Deletions that come later are counted by the guard as before.'
            : 'Their steps are skipped: the accounts stay as they are, and their changes end without this target.',
        permission: 'operate',
        body: targetOrder,
        answer: { status: 200, description: 'It is decided.', schema: decidedAnswer },
        failures: { 409: 'None are staged.' },
        async handle({ tenant, principal, parameters, body: { comment } }) {
          const target = await targetAt(tenant, parameters);
          const verdict = verb === 'approve' ? 'approved' : 'rejected';
          return decide({ tenant, principal, target, event: `staged-deletions-${verdict}`, comment }, verdict);
        },
      }),
    ),
  ];
}
