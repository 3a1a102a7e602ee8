import type { ChangeReport } from '../activities/contract.ts';
import { hasEnded } from '../domain/change.ts';
import type { ChangeId } from '../domain/ids.ts';
import type { ParkedStep } from './messages.ts';

interface ParkedReports {
  readonly reports: readonly ChangeReport[];
  readonly parked: ParkedStep;
}

/** What is to be recorded of changes, in order; the workflow's main loop does it. */
export class Records {
  #waiting: ChangeReport[];
  #underWay: readonly ChangeReport[] = [];
  /** What could not be recorded, until an operator has it tried again. */
  readonly #parked = new Map<ChangeId, ParkedReports>();

  constructor(carried: readonly ChangeReport[] = []) {
    this.#waiting = [...carried];
  }

  get areWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** Nothing waits, is under way or parked. */
  get areDone(): boolean {
    return this.#waiting.length + this.#underWay.length + this.#parked.size === 0;
  }

  get parked(): ReadonlyMap<ChangeId, ParkedReports> {
    return this.#parked;
  }

  add(report: ChangeReport): void {
    const parked = this.#parked.get(report.change);
    if (parked === undefined) this.#waiting.push(report);
    else this.#parked.set(report.change, { ...parked, reports: [...parked.reports, report] });
  }

  /** Takes what waits; it counts as under way until {@link done} or {@link putBack}. */
  take(): readonly ChangeReport[] {
    this.#underWay = this.#waiting;
    this.#waiting = [];
    return this.#underWay;
  }

  /** It is recorded, or all that is under way. */
  done(report?: ChangeReport): void {
    this.#underWay = report === undefined ? [] : this.#underWay.filter((other) => other !== report);
  }

  /** The next run records what is under way. */
  putBack(): void {
    this.#waiting = [...this.#underWay, ...this.#waiting];
    this.#underWay = [];
  }

  /** Keeps what could not be recorded; later reports of the change wait behind it. */
  park(report: ChangeReport, parked: ParkedStep): void {
    const earlier = this.#parked.get(report.change)?.reports ?? [];
    const isOfIt = ({ change }: ChangeReport): boolean => change === report.change;
    const later = [...this.#underWay, ...this.#waiting].filter((other) => other !== report && isOfIt(other));
    this.#underWay = this.#underWay.filter((other) => !isOfIt(other));
    this.#waiting = this.#waiting.filter((other) => !isOfIt(other));
    this.#parked.set(report.change, { reports: [...earlier, report, ...later], parked });
  }

  /** @returns whether something of the change was parked, and is tried again */
  retry(change: ChangeId): boolean {
    const parked = this.#parked.get(change);
    if (parked === undefined) return false;
    this.#parked.delete(change);
    this.#waiting = [...parked.reports, ...this.#waiting];
    return true;
  }

  /** Whether something is about to be recorded of the change. What is parked is not. */
  isPending(change: ChangeId): boolean {
    return [...this.#underWay, ...this.#waiting].some((report) => report.change === change);
  }

  /** How changes have ended, where that is not recorded yet. */
  get endings(): readonly ChangeReport[] {
    return this.#all().filter(({ state }) => hasEnded(state));
  }

  carried(): readonly ChangeReport[] {
    return this.#all();
  }

  #all(): ChangeReport[] {
    const parked = [...this.#parked.values()].flatMap(({ reports }) => reports);
    return [...parked, ...this.#underWay, ...this.#waiting];
  }
}
