import { setTimeout as delay } from 'node:timers/promises';
import { isProvostError, ProvostError } from '../../../domain/errors.ts';
import { asChangeId, asResourceId, type ResourceId, type TargetId, type TenantId } from '../../../domain/ids.ts';
import type { Target } from '../../../domain/policy.ts';
import {
  afterAnswer,
  afterFailure,
  afterThrottle,
  claimProbe,
  DEFAULT_BREAKER,
  meaningOfFailure,
  returnProbe,
  standingOf,
  type TargetHealth,
  type TargetStanding,
} from '../../../domain/target-health.ts';
import type { AuditTrail } from '../../../stores/audit.ts';
import type { TargetStateStore } from '../../../stores/target-states.ts';
import { type CallTurns, createCallTurns } from './call-turns.ts';
import type { LastCall } from './metered-connector.ts';

export interface GateDependencies {
  readonly targetStates: Pick<TargetStateStore, 'find' | 'update' | 'takeCalls'>;
  readonly audit: Pick<AuditTrail, 'append'>;
  now(): Date;
}

/** Who wants to call a target, by the target's configuration as it is now. */
export interface Caller {
  readonly tenant: TenantId;
  readonly target: Target;
  readonly resource: ResourceId;
  /** Deactivations and deletions. */
  readonly urgent: boolean;
  readonly signal: AbortSignal;
}

/** Another process may have changed a target's state so long ago, and this one not know. */
const KNOWN_FOR_MS = 250;
/** What opens again within this is waited for here: the slot is the target's own, and its queue waits behind. */
const WORTH_WAITING_MS = 3_000;
/** How long a step looks whether a probe that is under way opens the target. */
const PATIENCE_MS = 1_500;
/** A step that was sent away comes back to the queue soon, and waits there until the queue is served again. */
const SENT_AWAY_FOR_MS = 10_000;

/** Targets of which something is kept before what is over is forgotten. */
const MOST_KEPT = 1_000;

export type Gate = ReturnType<typeof createGate>;

/** Lets steps through to their targets, and learns from what comes of them. One for each process. */
export function createGate({ targetStates, audit, now }: GateDependencies) {
  const known = new Map<string, { readonly health: Promise<TargetHealth>; readonly until: number }>();
  const turns = new Map<string, CallTurns>();
  const clock = (): number => now().getTime();

  const healthOf = (tenant: TenantId, target: TargetId): Promise<TargetHealth> => {
    const held = known.get(keyOf(tenant, target));
    if (held !== undefined && held.until > clock()) return held.health;
    return remember(tenant, target, targetStates.find(tenant, target));
  };

  const remember = (tenant: TenantId, target: TargetId, health: Promise<TargetHealth>): Promise<TargetHealth> => {
    if (known.size >= MOST_KEPT) for (const [key, { until }] of known) if (until <= clock()) known.delete(key);
    known.set(keyOf(tenant, target), { health, until: clock() + KNOWN_FOR_MS });
    // What could not be read is read again by whoever asks next.
    health.catch(() => known.delete(keyOf(tenant, target)));
    return health;
  };

  const change = async (
    { tenant, target }: Caller,
    how: (health: TargetHealth) => TargetHealth | undefined,
  ): Promise<{ readonly before: TargetHealth; readonly health: TargetHealth; readonly changed: boolean }> => {
    const result = await targetStates.update(tenant, target.id, how);
    await remember(tenant, target.id, Promise.resolve(result.health));
    return result;
  };

  const standing = async ({ tenant, target, urgent }: Caller): Promise<TargetStanding> =>
    standingOf(await healthOf(tenant, target.id), target, clock(), urgent);

  /**
   * Waits until the target may be called, as long as that is soon.
   *
   * @returns whether the step is the one that tries a target in quarantine
   * @throws ProvostError `TARGET_CLOSED`, with what it waits for in words
   */
  async function enter(caller: Caller): Promise<{ readonly probing: boolean }> {
    const arrived = clock();
    for (;;) {
      const { state, until, probeDue, because } = await standing(caller);
      if (state === 'open') return { probing: false };
      if (probeDue && (await mayProbe(caller))) return { probing: true };
      const rest = (until ?? Number.POSITIVE_INFINITY) - clock();
      if (rest > WORTH_WAITING_MS && clock() - arrived > PATIENCE_MS) throw closed(because, rest);
      await delay(Math.min(Math.max(rest, 5), KNOWN_FOR_MS), undefined, { signal: caller.signal });
    }
  }

  async function mayProbe(caller: Caller): Promise<boolean> {
    const breaker = caller.target.breaker ?? DEFAULT_BREAKER;
    return (await change(caller, (health) => claimProbe(health, clock(), breaker))).changed;
  }

  /** Waits for the target's rate, and for what it asked by Retry-After meanwhile. Before each call. */
  async function takeTurn(caller: Caller): Promise<void> {
    const { tenant, target, signal } = caller;
    const { notBefore } = await healthOf(tenant, target.id);
    const rest = (notBefore ?? 0) - clock();
    if (rest > WORTH_WAITING_MS) throw closed(`${target.name} asks us to slow down`, rest);
    if (rest > 0) await delay(rest, undefined, { signal });
    if (target.rateLimit === undefined) return;
    const key = keyOf(tenant, target.id);
    if (turns.size >= MOST_KEPT) for (const [other, each] of turns) if (each.isIdle()) turns.delete(other);
    const queue =
      turns.get(key) ??
      createCallTurns((count, limit) => targetStates.takeCalls(tenant, target.id, count, limit, clock), clock);
    turns.set(key, queue);
    await queue.take(target.rateLimit, caller.urgent, signal);
  }

  /**
   * Learns what a step's calls say of its target. A step that ends without a call, by a fault of ours or because nothing
   * was to be sent, says nothing, and gives back the probe that it had taken.
   *
   * @returns whether the target is in quarantine now, where the last call failed
   */
  async function learn(caller: Caller, lastCall: LastCall | undefined, probing: boolean): Promise<boolean> {
    if (lastCall === undefined) {
      if (probing) await change(caller, (health) => returnProbe(health, clock()));
      return false;
    }
    const meaning = lastCall === 'answered' ? 'works' : meaningOfFailure(lastCall);
    if (meaning === 'works') await answered(caller);
    return lastCall === 'answered' || meaning === 'works' ? false : failed(caller, lastCall, meaning === 'fails');
  }

  /** The target did what it was asked, or refused it. Written only where it counted as failing. */
  async function answered(caller: Caller): Promise<void> {
    const health = await healthOf(caller.tenant, caller.target.id);
    if (health.quarantine === undefined && health.failing.length === 0) return;
    await change(caller, (current) => afterAnswer(current, clock()));
  }

  async function failed(
    caller: Caller,
    { code, message, facts }: ProvostError,
    isTargetWide: boolean,
  ): Promise<boolean> {
    if (facts.retryAfterMs !== undefined) {
      const until = clock() + facts.retryAfterMs;
      await change(caller, (health) => afterThrottle(health, until));
    }
    if (!isTargetWide) return false;
    const said = facts.targetDetail === undefined ? message : `${message}: ${facts.targetDetail}`;
    const failure = { resource: caller.resource, code, message: said, at: clock() };
    const breaker = caller.target.breaker ?? DEFAULT_BREAKER;
    const { before, health } = await change(caller, (current) => afterFailure(current, failure, breaker));
    if (before.quarantine === undefined && health.quarantine !== undefined) await recordQuarantine(caller, code);
    return health.quarantine !== undefined;
  }

  /** In the target's own chain, as what operators do to it. */
  async function recordQuarantine({ tenant, target }: Caller, code: string): Promise<void> {
    const at = now().toISOString();
    await audit.append({ tenant, resourceType: 'Target', resourceId: asResourceId(target.id) }, [
      { event: 'target-quarantined', at, change: asChangeId(`${target.id}@${at}`), facts: { target: target.id, code } },
    ]);
  }

  return {
    enter,
    takeTurn,
    learn,
    health: healthOf,
  };
}

const keyOf = (tenant: TenantId, target: TargetId): string => `${tenant}:${target}`;

/** All that were sent away together shall not come back together. */
const closed = (because: string, restMs: number): ProvostError =>
  new ProvostError('TARGET_CLOSED', `waits: ${because}`, {
    retryAfterMs: Math.round(Math.min(restMs, SENT_AWAY_FOR_MS) * (1 + Math.random() * 0.2)),
  });

export const isClosed = (error: unknown): boolean => isProvostError(error, 'TARGET_CLOSED');
