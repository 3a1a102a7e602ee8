import type { Persisted, Provisioned } from '../activities/contract.ts';
import type { ApprovalState } from '../domain/approval/approval.ts';
import { refusalOf } from '../domain/approval/refusal.ts';
import { type AcceptedChange, STORE, type StepOutcome } from '../domain/change.ts';
import { asksAPerson } from '../domain/errors.ts';
import type { ChangeId, TargetId } from '../domain/ids.ts';
import type { FailureReason } from './failure-reason.ts';
import { InFlight } from './in-flight.ts';
import { Lane } from './lane.ts';
import type { CarriedWork, OwedStep, ResourceWorkflowInput } from './messages.ts';
import { Records } from './records.ts';
import { showDetails, showState, standingOf } from './visibility.ts';
import type { WaitingChange, WaitingStep } from './waiting.ts';

/** What one resource still has to do: changes that have not settled, and a lane for each target they must reach. */
export class Ledger {
  readonly changes = new Map<ChangeId, InFlight>();
  readonly lanes = new Map<TargetId, Lane>();
  /** Changes that wait for an approval, or behind one that does; they are not written yet. */
  readonly waiting = new Map<ChangeId, WaitingChange>();
  /** Steps that wait for an approval, by change and target. */
  readonly waitingSteps = new Map<string, WaitingStep>();
  readonly records: Records;
  /** What went wrong in work that nobody waits for: the workflow's main loop throws it. */
  crash: unknown;
  /** The next run takes over: nothing new is begun here. */
  handingOver = false;
  readonly #key: Pick<ResourceWorkflowInput, 'tenant' | 'resourceType' | 'resourceId'>;

  constructor(input: ResourceWorkflowInput) {
    const { tenant, resourceType, resourceId, carried } = input;
    this.#key = { tenant, resourceType, resourceId };
    this.records = new Records(carried?.reports);
    for (const change of carried?.changes ?? [])
      this.changes.set(change.change.id, new InFlight(change.change, change, change));
    for (const lane of carried?.lanes ?? [])
      this.lanes.set(lane.target, new Lane(lane.target, this.#laneOwner(), lane));
  }

  get isSettled(): boolean {
    return this.changes.size === 0 && this.#lanesAreIdle;
  }

  get #lanesAreIdle(): boolean {
    return [...this.lanes.values()].every((lane) => lane.isIdle);
  }

  /** Takes over a change that was just persisted: notes it and starts its steps. */
  add(change: AcceptedChange, persisted: Persisted, underWay: ReadonlySet<TargetId>): InFlight {
    const after = (persisted.ifUnderWay ?? []).filter(({ target }) => underWay.has(target) || this.#owesAt(target));
    const inFlight = new InFlight(change, { ...persisted, steps: [...persisted.steps, ...after] });
    inFlight.note('persisted', persisted.at, { version: persisted.reference.version, mode: persisted.mode });
    this.changes.set(change.id, inFlight);
    for (const { target } of inFlight.steps) {
      if (inFlight.hasBegun(target)) this.#oweStep(inFlight, target, persisted.waits?.[target]);
    }
    for (const { target, awaits } of inFlight.steps)
      if (awaits !== undefined) inFlight.note('approval-asked', persisted.at, { rule: awaits.rule, target });
    // Its people may look at it long before it ends.
    if (inFlight.awaiting.size > 0) this.reportStanding(inFlight);
    this.settleIfComplete(inFlight);
    return inFlight;
  }

  /** Takes over a change that was being taken back when its workflow was lost. Every target may have been asked. */
  addUndo(
    change: AcceptedChange,
    { mode, steps }: Persisted,
    { outcomes, because }: NonNullable<Persisted['undo']>,
  ): InFlight {
    const wave = Math.max(0, ...steps.map((step) => step.wave ?? 0));
    const standing = { undoing: true, undone: false, wave, facts: [], ...(because && { takenBack: because }) };
    const inFlight = new InFlight(change, { mode, steps }, { change, mode, steps, outcomes, ...standing });
    this.changes.set(change.id, inFlight);
    return inFlight;
  }

  /** Does work that nobody waits for. It fails for an error of ours alone, which must not go unnoticed. */
  background(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      this.crash ??= error;
    });
  }

  /** Keeps a change that could not be stored, for an operator. */
  parkUnstored(change: AcceptedChange, reason: FailureReason): void {
    const parked = this.changes.get(change.id) ?? new InFlight(change, { mode: 'persist', steps: [] });
    this.changes.set(change.id, parked);
    this.parkStore(parked, 'persist', reason);
  }

  /** Parks a change's work on our own database. */
  parkStore(change: InFlight, work: 'persist' | 'restore', reason: FailureReason): void {
    change.storeParked = { work, ...reason, since: now() };
    const event = work === 'persist' ? 'step-parked' : 'compensation-failed';
    change.note(event, now(), { target: STORE, code: reason.code });
    this.reportStanding(change);
    this.show();
  }

  /** Targets where a step of this resource is under way or waits. */
  get targetsUnderWay(): Set<TargetId> {
    return new Set([...this.lanes.keys()].filter((target) => this.#owesAt(target)));
  }

  /** Changes that were written and are not recorded as ended, each with why it was taken back, if it was, by the time of the call. */
  known(): ReadonlyMap<ChangeId, () => FailureReason | undefined> {
    const open = [...this.changes.values()].filter((change) => !change.isUnstored);
    return new Map([
      ...this.records.endings.map(({ change, error }) => [change, () => error] as const),
      ...open.map((change) => [change.change.id, () => change.takenBack] as const),
    ]);
  }

  owe(step: OwedStep): void {
    const { target } = step.step;
    const lane = this.lanes.get(target) ?? new Lane(target, this.#laneOwner());
    this.lanes.set(target, lane);
    lane.push(step);
  }

  /**
   * Makes the target hold what it held before the change, or what the store holds where that is another thing by now.
   *
   * @param looking whether the target is to be compared, because it was told otherwise before
   */
  oweUndo(inFlight: InFlight, target: TargetId, looking = false): void {
    const { change } = inFlight;
    const planned = inFlight.stepAt(target);
    if (planned === undefined) return;
    const step = looking ? { ...planned, lookFirst: true } : planned;
    const { id, policyVersion } = change;
    const failed = hasFailed(inFlight.outcomeAt(target)) ? { failed: true } : {};
    this.owe({ change: id, source: 'before', policyVersion, step, urgent: false, ...failed });
  }

  lanesOwe(change: ChangeId): boolean {
    return [...this.lanes.values()].some((lane) => lane.owes(change));
  }

  fail(change: InFlight, target: TargetId, reason: FailureReason): void {
    change.settle({ target, result: 'failed', ...reason });
    change.note('step-failed', now(), { target, code: reason.code });
    this.settleIfComplete(change);
  }

  /** Begins a step that was approved, or goes on without it. */
  approvalEnded(change: InFlight, target: TargetId, state: ApprovalState): void {
    change.awaiting.delete(target);
    if (this.changes.get(change.change.id) !== change) return;
    const refusal = refusalOf(state);
    if (refusal !== undefined) {
      change.settle({ target, result: 'withheld', ...refusal });
      change.note('step-withheld', now(), { target, code: refusal.code });
      this.settleIfComplete(change);
    } else if (change.hasBegun(target) && !change.undoing && !change.undone) this.#oweStep(change, target);
    if (this.changes.get(change.change.id) === change) this.reportStanding(change);
    this.show();
  }

  /** Goes on with a change of which a step has ended: to its next wave, or to its end. */
  settleIfComplete(change: InFlight): void {
    for (const step of change.beginNextWave()) this.#oweStep(change, step.target);
    if (change.isComplete && change.decisiveFailure === undefined) this.finish(change, 'settled');
  }

  finish(change: InFlight, state: 'settled' | 'compensated'): void {
    change.note('settled', now(), { state });
    this.records.add(change.report(state));
    this.changes.delete(change.change.id);
  }

  /** Tells the Temporal UI where things stand. */
  show(): void {
    showDetails(standingOf(this));
    const lane = [...this.lanes.values()].find(({ parked }) => parked !== undefined);
    const isStoreParked =
      this.records.parked.size > 0 || [...this.changes.values()].some((change) => change.storeParked !== undefined);
    const parked = isStoreParked ? STORE : lane?.target;
    const isWaiting =
      (this.waiting.size > 0 && this.changes.size === 0) || (this.waitingSteps.size > 0 && this.#lanesAreIdle);
    const state = isWaiting ? 'waiting-approval' : 'running';
    showState(parked === undefined ? state : 'parked', parked);
  }

  carried(inbox: readonly AcceptedChange[]): CarriedWork {
    return {
      inbox,
      changes: [...this.changes.values()].map((change) => change.carried()),
      lanes: [...this.lanes.values()].filter((lane) => !lane.isIdle).map((lane) => lane.carried()),
      ...(this.records.areDone ? {} : { reports: this.records.carried() }),
    };
  }

  #owesAt(target: TargetId): boolean {
    return this.lanes.get(target)?.isIdle === false;
  }

  #oweStep({ change, mode, steps }: InFlight, target: TargetId, waits?: string): void {
    const step = steps.find((planned) => planned.target === target);
    if (step === undefined) return;
    const source = mode === 'provision-only' && change.operation !== 'delete' ? 'request' : 'now';
    const { id, policyVersion, urgent, background } = change;
    this.owe({
      change: id,
      source,
      policyVersion,
      step,
      urgent,
      ...(background ? { background } : {}),
      ...(waits === undefined ? {} : { waits }),
    });
  }

  #laneOwner() {
    return {
      ...this.#key,
      confirmed: (target: TargetId, burst: readonly OwedStep[], result: Provisioned) =>
        this.#confirmed(target, burst, result),
      failed: (target: TargetId, burst: readonly OwedStep[], reason: FailureReason) =>
        this.#failed(target, burst, reason),
      parkingChanged: (burst: readonly OwedStep[]) => this.#parkingChanged(burst),
      background: (work: Promise<void>) => this.background(work),
    };
  }

  #confirmed(target: TargetId, burst: readonly OwedStep[], provisioned: Provisioned): void {
    const { action, attempts, at } = provisioned;
    const notKept = provisioned.notKept === undefined ? {} : { notKept: provisioned.notKept };
    for (const { change: id, source } of burst) {
      const change = this.changes.get(id);
      if (change === undefined) continue;
      if (source === 'before') {
        change.settle({ target, result: 'compensated' });
        change.note('step-undone', at, { target, action, attempts });
        if (change.undone && !this.lanesOwe(id)) this.finish(change, 'compensated');
        else if (this.#parkedFor(change).length > 0) this.reportStanding(change);
      } else {
        change.settle({ target, result: 'confirmed', action, attempts, ...notKept });
        change.note('step-confirmed', at, { target, action, attempts, ...notKept });
        this.settleIfComplete(change);
        if (this.changes.has(id) && this.#parkedFor(change).length > 0) this.reportStanding(change);
      }
    }
    this.show();
  }

  #failed(target: TargetId, burst: readonly OwedStep[], reason: FailureReason): readonly OwedStep[] {
    const parked: OwedStep[] = [];
    for (const owed of burst) {
      const change = this.changes.get(owed.change);
      if (change === undefined) continue;
      // A question has not failed: it waits for an operator, whatever the target's failure policy says.
      if (owed.source !== 'before' && owed.step.onFailure !== 'park' && !asksAPerson(reason.code)) {
        this.fail(change, target, reason);
        continue;
      }
      parked.push(owed);
      change.note(owed.source === 'before' ? 'compensation-failed' : 'step-parked', now(), {
        target,
        code: reason.code,
      });
    }
    return parked;
  }

  #parkingChanged(burst: readonly OwedStep[]): void {
    for (const id of new Set(burst.map((step) => step.change))) {
      const change = this.changes.get(id);
      if (change !== undefined) this.reportStanding(change);
    }
    this.show();
  }

  /** Records where a change stands that has not ended. */
  reportStanding(change: InFlight): void {
    const parked = this.#parkedFor(change);
    const isParked = parked.length > 0 || change.storeParked !== undefined;
    this.records.add(change.report(isParked ? 'parked' : 'provisioning', ...parked));
  }

  #parkedFor({ change }: InFlight): StepOutcome[] {
    return [...this.lanes.values()].flatMap((lane): StepOutcome[] => {
      if (lane.parked === undefined || !lane.isParkedFor(change.id)) return [];
      const { code, message, since } = lane.parked;
      const undoing = lane.isParkedFor(change.id, 'before') ? { undoing: true } : {};
      return [{ target: lane.target, result: 'parked', code, message, since, ...undoing }];
    });
  }
}

/** The step ended without success. One that was cut off may still have been confirmed. */
const hasFailed = (outcome: StepOutcome | undefined): boolean =>
  outcome?.result === 'failed' && outcome.code !== 'TARGET_TIMED_OUT';

/** Workflow time, which a replay repeats. */
export const now = (): string => new Date().toISOString();
