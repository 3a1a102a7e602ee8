import type { ChangeReport, Persisted } from '../activities/contract.ts';
import type { Until } from '../domain/approval/approval.ts';
import type { AuditEvent, AuditFact } from '../domain/audit.ts';
import {
  type AcceptedChange,
  type ChangeState,
  type StepOutcome,
  storeStep,
  type UndoStanding,
} from '../domain/change.ts';
import type { PlannedStep } from '../domain/decide.ts';
import type { TargetId } from '../domain/ids.ts';
import type { Mode } from '../domain/policy.ts';
import type { FailureReason } from './failure-reason.ts';
import type { CarriedChange, ParkedStoreWork } from './messages.ts';

/** A change that was persisted and has not settled: what it still owes, and how each target ended up. */
export class InFlight {
  readonly change: AcceptedChange;
  readonly mode: Mode;
  readonly steps: readonly PlannedStep[];
  /** Being taken back: targets in reverse, then the store. */
  undoing = false;
  /** Taken back: the store stands as before. Targets whose outcome was unknown may still be asked. */
  undone = false;
  /** Whether the store was put back, once that was tried. */
  restored: boolean | undefined;
  /** What could not be done in the store, and waits for an operator. */
  storeParked: ParkedStoreWork | undefined;
  /** The last wave of its steps that was begun. */
  wave = 0;
  /** Targets of steps that wait for an approval, and until when. */
  readonly awaiting = new Map<TargetId, Until>();
  #takenBack: FailureReason | undefined;
  readonly #outcomes = new Map<TargetId, StepOutcome>();
  #facts: AuditFact[] = [];

  constructor(change: AcceptedChange, persisted: Pick<Persisted, 'mode' | 'steps'>, carried?: CarriedChange) {
    this.change = change;
    this.mode = persisted.mode;
    this.steps = persisted.steps;
    if (carried === undefined) {
      for (const { target, awaits } of this.steps) if (awaits !== undefined) this.awaiting.set(target, awaits);
      return;
    }
    for (const [target, until] of carried.awaiting ?? []) this.awaiting.set(target, until);
    this.undoing = carried.undoing;
    this.undone = carried.undone;
    this.restored = carried.restored;
    this.storeParked = carried.storeParked;
    this.wave = carried.wave ?? 0;
    this.#takenBack = carried.takenBack;
    this.#facts = [...carried.facts];
    for (const outcome of carried.outcomes) this.#outcomes.set(outcome.target, outcome);
  }

  /** The change may have to be taken back if a target fails, so nothing ordinary is written on top of it meanwhile. */
  get mayBeUndone(): boolean {
    return this.steps.some((step) => step.onFailure === 'compensate');
  }

  /** A target whose failure takes the change back has not answered yet. One that waits for an operator is none of them. */
  get isUndecided(): boolean {
    return this.steps.some((step) => step.onFailure === 'compensate' && !this.#outcomes.has(step.target));
  }

  get isBlocking(): boolean {
    return this.steps.some((step) => step.blocking);
  }

  /** It could not be stored, so that nothing else is owed for it. */
  get isUnstored(): boolean {
    return this.storeParked?.work === 'persist';
  }

  get isComplete(): boolean {
    return (
      !this.isUnstored && !this.undoing && !this.undone && this.steps.every((step) => this.#outcomes.has(step.target))
    );
  }

  /** Whether the target was asked, or is about to be: its wave has come, and it waits for no approval. */
  hasBegun(target: TargetId): boolean {
    return this.#isDue(target) && !this.awaiting.has(target);
  }

  #isDue(target: TargetId): boolean {
    return (this.stepAt(target)?.wave ?? 0) <= this.wave;
  }

  /**
   * Begins the next wave if all before it are done: confirmed, skipped, or failed where the policy goes on without.
   *
   * @returns its steps, or none where it is not its time
   */
  beginNextWave(): readonly PlannedStep[] {
    const later = this.steps.filter((step) => (step.wave ?? 0) > this.wave);
    if (later.length === 0 || this.undoing || this.undone || this.decisiveFailure !== undefined) return [];
    if (this.steps.some((step) => this.#isDue(step.target) && !this.#outcomes.has(step.target))) return [];
    this.wave = Math.min(...later.map((step) => step.wave ?? 0));
    return later.filter((step) => step.wave === this.wave && !this.awaiting.has(step.target));
  }

  get openTargets(): TargetId[] {
    return this.steps.filter((step) => !this.#outcomes.has(step.target)).map((step) => step.target);
  }

  /** Confirmed ones in the order they were confirmed. */
  get outcomes(): readonly StepOutcome[] {
    return [...this.#outcomes.values()];
  }

  outcomeAt(target: TargetId): StepOutcome | undefined {
    return this.#outcomes.get(target);
  }

  stepAt(target: TargetId): PlannedStep | undefined {
    return this.steps.find((step) => step.target === target);
  }

  /** @returns the failure of a step that forces the change to be taken back, if there is one */
  get decisiveFailure(): Extract<StepOutcome, { result: 'failed' }> | undefined {
    for (const step of this.steps) {
      const outcome = this.#outcomes.get(step.target);
      if (step.onFailure === 'compensate' && outcome?.result === 'failed') return outcome;
    }
    return undefined;
  }

  /** Begins to take the change back, and keeps why: the failed target itself is put right later. */
  takeBack(): void {
    this.undoing = true;
    if (this.#takenBack !== undefined) return;
    const failure = this.decisiveFailure;
    const name = this.steps.find((step) => step.target === failure?.target)?.name;
    this.#takenBack =
      failure === undefined
        ? { code: 'TARGET_REJECTED', message: 'An operator took the change back.' }
        : { code: failure.code, message: `${name}: ${failure.message}` };
  }

  /** Why the change is or was taken back, as its client is told. */
  get takenBack(): FailureReason | undefined {
    return this.#takenBack;
  }

  /**
   * Whether every blocking target has had its say, so that the client can be answered. A step that removes access is never
   * taken back, so one that is parked has had it, too.
   */
  isAnswered(isParked: (target: TargetId) => boolean): boolean {
    return this.steps.every((step) => {
      if (!step.blocking) return true;
      const outcome = this.#outcomes.get(step.target);
      if (step.onFailure === 'compensate') return outcome !== undefined && outcome.result !== 'failed';
      return outcome !== undefined || isParked(step.target);
    });
  }

  settle(outcome: StepOutcome): void {
    // Deleted first so that the map keeps the order in which targets ended up.
    this.#outcomes.delete(outcome.target);
    this.#outcomes.set(outcome.target, outcome);
  }

  note(event: AuditEvent, at: string, facts?: AuditFact['facts'], actor?: string): void {
    this.#facts.push({
      event,
      at,
      change: this.change.id,
      ...(actor === undefined ? {} : { actor }),
      ...(facts === undefined ? {} : { facts }),
    });
  }

  /** What is to be recorded now; facts are handed out once. */
  report(state: ChangeState, ...waiting: StepOutcome[]): ChangeReport {
    const facts = this.#facts;
    this.#facts = [];
    const error = this.#takenBack === undefined ? {} : { error: this.#takenBack };
    const undo = this.undoing || this.undone ? { undo: { store: this.#store } } : {};
    const store = this.storeParked === undefined ? [] : [storeStep(this.storeParked, !this.isUnstored)];
    const steps = [...this.outcomes, ...this.#awaited(), ...waiting, ...store];
    return { change: this.change.id, state, steps, facts, ...undo, ...error };
  }

  #awaited(): StepOutcome[] {
    return [...this.awaiting].flatMap(([target, { expiresAt }]): StepOutcome[] => {
      const awaits = this.stepAt(target)?.awaits;
      if (awaits === undefined) return [];
      const message = `The rule ${awaits.rule} asks for an approval, until ${expiresAt}.`;
      return [{ target, result: 'waiting-approval', approval: awaits.approval, message }];
    });
  }

  get #store(): UndoStanding['store'] {
    if (this.restored === undefined) return 'not-yet';
    return this.restored ? 'restored' : 'kept';
  }

  carried(): CarriedChange {
    return {
      change: this.change,
      mode: this.mode,
      steps: this.steps,
      outcomes: this.outcomes,
      undoing: this.undoing,
      undone: this.undone,
      ...(this.restored === undefined ? {} : { restored: this.restored }),
      ...(this.storeParked === undefined ? {} : { storeParked: this.storeParked }),
      ...(this.wave === 0 ? {} : { wave: this.wave }),
      ...(this.#takenBack === undefined ? {} : { takenBack: this.#takenBack }),
      ...(this.awaiting.size === 0
        ? {}
        : {
            awaiting: [...this.awaiting].map(([target, { expiresAt, due }]) => [target, { expiresAt, due }] as const),
          }),
      facts: this.#facts,
    };
  }
}
