import { CancellationScope, isCancellation } from '@temporalio/workflow';
import type { Provisioned } from '../activities/contract.ts';
import type { ChangeId, ResourceId, TargetId, TenantId } from '../domain/ids.ts';
import type { Urgency } from '../domain/priority.ts';
import { onTarget } from './activity-options.ts';
import { type FailureReason, failureReason } from './failure-reason.ts';
import type { CarriedLane, OwedStep, ParkedStep } from './messages.ts';

export interface LaneOwner {
  readonly tenant: TenantId;
  readonly resourceType: string;
  readonly resourceId: ResourceId;
  /** Called with each burst that the target confirmed. */
  confirmed(target: TargetId, burst: readonly OwedStep[], result: Provisioned): void;
  /** Called with each burst that failed for good. @returns the part of it that shall wait here, parked */
  failed(target: TargetId, burst: readonly OwedStep[], reason: FailureReason): readonly OwedStep[];
  /** Called when steps were parked, or are tried again. */
  parkingChanged(burst: readonly OwedStep[]): void;
  /** Sees that work which nobody waits for does not fail unnoticed. */
  background(work: Promise<void>): void;
}

/**
 * All that one resource owes one target, done one at a time and in order. Steps that show the target what is stored
 * now are the same step, whatever change asked for them: a burst of changes becomes one call.
 */
export class Lane {
  readonly target: TargetId;
  readonly #owner: LaneOwner;
  #owed: OwedStep[] = [];
  #parkedSteps: OwedStep[] = [];
  #parked: ParkedStep | undefined;
  #running: { readonly burst: readonly OwedStep[]; readonly scope: CancellationScope } | undefined;
  #isAtWork = false;
  #lookFirst = false;
  readonly #dropped = new Set<ChangeId>();
  #stopped = false;

  constructor(target: TargetId, owner: LaneOwner, carried?: CarriedLane) {
    this.target = target;
    this.#owner = owner;
    if (carried === undefined) return;
    this.#lookFirst = carried.lookFirst;
    this.#parked = carried.parked;
    this.#owed = [...carried.owed];
    this.#parkedSteps = [...carried.parkedSteps];
  }

  get isIdle(): boolean {
    return this.#running === undefined && this.#owed.length === 0 && this.#parkedSteps.length === 0;
  }

  get isStill(): boolean {
    return this.#running === undefined;
  }

  get parked(): ParkedStep | undefined {
    return this.#parked;
  }

  get name(): string {
    return [...(this.#running?.burst ?? []), ...this.#owed, ...this.#parkedSteps][0]?.step.name ?? this.target;
  }

  /** What the step that is under way waits for, as it was when its change was persisted. */
  get waits(): string | undefined {
    return this.#running?.burst.findLast((step) => step.waits !== undefined)?.waits;
  }

  owes(change: ChangeId, source?: OwedStep['source']): boolean {
    // What was dropped and is still being cancelled is owed no more.
    const underWay = (this.#running?.burst ?? []).filter((step) => !this.#dropped.has(step.change));
    return [...underWay, ...this.#owed, ...this.#parkedSteps].some(
      (step) => step.change === change && (source === undefined || step.source === source),
    );
  }

  isParkedFor(change: ChangeId, source?: OwedStep['source']): boolean {
    return this.#parkedSteps.some((step) => step.change === change && (source === undefined || step.source === source));
  }

  /** Adds a step and starts the lane. What was parked is tried again with it. An urgent step doesn't wait for a back-off. */
  push(step: OwedStep): void {
    this.#unpark();
    this.#owed.push(step);
    if (step.urgent) this.#running?.scope.cancel();
    this.start();
  }

  /**
   * Tries again what is parked, with the policy as it is now.
   *
   * @param edited the change whose step was edited. What shows the target the same is sent so, too
   */
  retry(policyVersion: number, edited?: ChangeId): void {
    const source = this.#parkedSteps.find(({ change }) => change === edited)?.source;
    this.#parkedSteps = this.#parkedSteps.map((step) => ({
      ...step,
      policyVersion,
      ...(edited !== undefined && (step.change === edited || (source === 'now' && step.source === 'now'))
        ? { edit: edited }
        : {}),
    }));
    this.#unpark();
    this.start();
  }

  /** Forgets what the lane owes for a change, wherever it stands. @returns what is unknown about it, in words */
  drop(change: ChangeId): string | undefined {
    const others = (steps: OwedStep[]): OwedStep[] => steps.filter((step) => step.change !== change);
    this.#owed = others(this.#owed);
    this.#parkedSteps = others(this.#parkedSteps);
    if (this.#parkedSteps.length === 0) this.#parked = undefined;
    if (this.#running?.burst.some((step) => step.change === change)) {
      this.#dropped.add(change);
      this.#running.scope.cancel();
      return 'a step was under way; the target is asked later what came of it';
    }
    return undefined;
  }

  /** Stops after what is under way, for a hand-over. A step that waits for its next attempt stops at once. */
  stop(): void {
    this.#stopped = true;
    this.#running?.scope.cancel();
  }

  carried(): CarriedLane {
    return {
      target: this.target,
      owed: this.#owed,
      lookFirst: this.#lookFirst,
      parkedSteps: this.#parkedSteps,
      ...(this.#parked === undefined ? {} : { parked: this.#parked }),
    };
  }

  start(): void {
    if (!this.#isAtWork && !this.#stopped) this.#owner.background(this.#run());
  }

  async #run(): Promise<void> {
    this.#isAtWork = true;
    while (this.#owed.length > 0 && !this.#stopped) {
      const burst = this.#takeBurst();
      const scope = new CancellationScope();
      this.#running = { burst, scope };
      let result: Provisioned | undefined;
      let failure: unknown;
      try {
        result = await scope.run(() => this.#attempt(burst));
      } catch (error) {
        failure = error;
      }
      const left = burst.filter((step) => !this.#dropped.has(step.change));
      for (const step of burst) this.#dropped.delete(step.change);
      this.#running = undefined;
      // What the owner owes because of it is done by this loop.
      if (result === undefined) this.#failed(left, failure, scope);
      else this.#confirmed(left, result);
    }
    this.#isAtWork = false;
  }

  #confirmed(burst: readonly OwedStep[], result: Provisioned): void {
    this.#lookFirst = false;
    this.#owner.confirmed(this.target, burst, result);
  }

  #failed(burst: readonly OwedStep[], failure: unknown, scope: CancellationScope): void {
    this.#lookFirst = true;
    // Overtaken, stopped, or something newer is to be shown anyway: the next attempt does it for all of them.
    // A cancelled attempt may still fail in its own way.
    const isOvertaken = isCancellation(failure) || scope.consideredCancelled || this.#isFollowedBy(burst);
    if (isOvertaken) this.#owed.unshift(...burst);
    else this.#park(burst, failureReason(failure));
  }

  #takeBurst(): OwedStep[] {
    const [first] = this.#owed;
    if (first?.source !== 'now') return this.#owed.splice(0, 1);
    const end = this.#owed.findIndex((step) => !isShownWith(first, step));
    return this.#owed.splice(0, end === -1 ? this.#owed.length : end);
  }

  #isFollowedBy(burst: readonly OwedStep[]): boolean {
    const [[first], [next]] = [burst, this.#owed];
    return first?.source === 'now' && next !== undefined && isShownWith(first, next);
  }

  #attempt(burst: readonly OwedStep[]): Promise<Provisioned> {
    const { tenant, resourceType, resourceId } = this.#owner;
    const last = burst.at(-1);
    if (last === undefined) throw new Error('a burst has at least one step');
    const { change, source, step, edit, failed } = last;
    const urgency = urgencyOf(burst);
    return onTarget(tenant, step, urgency).provision({
      tenant,
      resourceType,
      resourceId,
      target: this.target,
      change,
      source,
      policyVersion: Math.max(...burst.map((owed) => owed.policyVersion)),
      lookFirst: this.#lookFirst || burst.some((owed) => owed.step.lookFirst === true),
      ...(resourceType === 'Group' && burst.some((owed) => owed.step.lookFirst === true)
        ? { compareMembers: true }
        : {}),
      ...(urgency === 'urgent' ? { urgent: true } : {}),
      ...(edit === undefined ? {} : { edit }),
      ...(failed === true ? { failed } : {}),
    });
  }

  #park(burst: readonly OwedStep[], reason: FailureReason): void {
    const kept = this.#owner.failed(this.target, burst, reason);
    if (kept.length === 0) return;
    this.#parkedSteps.push(...kept);
    this.#parked = { ...reason, since: new Date().toISOString() };
    this.#owner.parkingChanged(kept);
  }

  #unpark(): void {
    const resumed = this.#parkedSteps;
    if (resumed.length === 0) return;
    this.#owed.unshift(...resumed);
    this.#parkedSteps = [];
    this.#parked = undefined;
    this.#owner.parkingChanged(resumed);
  }
}

/** What shows the target what is stored now is the same step, unless an operator edited one of them. */
const isShownWith = (first: OwedStep, { source, edit }: OwedStep): boolean => source === 'now' && edit === first.edit;

/** What is done for several at once is as urgent as the most pressing of them. */
function urgencyOf(burst: readonly OwedStep[]): Urgency {
  if (burst.some((step) => step.urgent)) return 'urgent';
  return burst.every((step) => step.background === true) ? 'background' : 'ordinary';
}
