import { type BulkResult, type BulkStep, toBulkError } from '../../domain/bulk/bulk-step.ts';
import type { ChangeRequest } from '../../domain/change.ts';
import { ProvostError } from '../../domain/errors.ts';
import type { EndedPage } from '../../stores/bulk-requests.ts';

/** How a change ended: the version that stands, 0 where nothing is stored, or why it failed for good. */
export type Outcome = { readonly version: number } | { readonly error: ProvostError };

/** Hands a change to its resource's workflow. @throws what says nothing of the change: it is handed over again then */
export type ApplyChange = (change: ChangeRequest, urgent: boolean) => Promise<Outcome>;

export interface RunOptions {
  /** Codes of the steps on earlier pages, by their position. */
  readonly earlier: ReadonlyMap<number, string>;
  /** Operations that may fail before nothing more is begun. */
  readonly mayFail: number;
  /** Steps under way at once. */
  readonly atOnce: number;
  readonly signal: AbortSignal;
  applyChange: ApplyChange;
  /** Called when a step has ended. */
  ended(count: number): void;
}

/**
 * Runs the steps of one page: those that nothing connects side by side, the others in their order. With `failOnErrors`
 * no step begins that would not have begun if all that are under way were to fail: the answer is that of one after the
 * other.
 *
 * @throws what is no failure of an operation but of its surroundings: the page is run again then, and what was done
 * answers as it did
 */
export async function runSteps(steps: readonly BulkStep[], options: RunOptions): Promise<EndedPage> {
  const outcomes = new Map<number, Outcome>();
  const running = new Map<number, Promise<void>>();
  const underWay = new Set<Promise<void>>();
  const failedOperations = new Set<number>();
  /** The first of two steps, by the position of the second. */
  const firstOf = new Map(
    steps.flatMap(({ position, completedBy }) => (completedBy === undefined ? [] : [[completedBy, position]])),
  );
  const own = new AbortController();
  const signal = AbortSignal.any([options.signal, own.signal]);
  let failure: unknown;
  let stopped = false;

  for (const step of steps) {
    // What was begun is brought to its end; it was counted when it began.
    const isBegun = running.has(firstOf.get(step.position) ?? -1);
    const isFull = (): boolean => !isBegun && failedOperations.size + underWay.size >= options.mayFail;
    while (!signal.aborted && underWay.size > 0 && (underWay.size >= options.atOnce || isFull()))
      await Promise.race(underWay);
    if (signal.aborted) break;
    if (isFull()) {
      stopped = true;
      continue;
    }
    const ended: Promise<void> = run(step).then(
      (outcome) => {
        underWay.delete(ended);
        outcomes.set(step.position, outcome);
        if (isFailed(outcome) && !isPending(outcome.error.code)) failedOperations.add(step.shown.operation);
        options.ended(outcomes.size);
      },
      (error: unknown) => {
        underWay.delete(ended);
        failure ??= error;
        own.abort();
      },
    );
    running.set(step.position, ended);
    underWay.add(ended);
  }
  await Promise.all(running.values());
  if (failure !== undefined) throw failure;
  if (options.signal.aborted)
    throw new ProvostError('ENGINE_UNAVAILABLE', 'The worker ends; another one goes on with this page.');
  return {
    codes: Object.fromEntries([...outcomes].map(([position, outcome]) => [position, codeOf(outcome)])),
    results: steps.flatMap((step) => resultOf(step, outcomes, firstOf.get(step.position))),
    stopped: stopped || failedOperations.size >= options.mayFail,
  };

  async function run(step: BulkStep): Promise<Outcome> {
    const { after, needs, work, takeBack } = step;
    await Promise.all([...after, ...needs].map((position) => running.get(position)));
    signal.throwIfAborted();
    if (work.kind === 'refused') return { error: fromStored(work.error) };
    const outcome = needs.every(hasSucceeded)
      ? await options.applyChange(work.change, work.urgent)
      : { error: referenceFailed() };
    if (takeBack !== undefined && isFailed(outcome) && isMade(step)) await options.applyChange(takeBack, true);
    return outcome;
  }

  function hasSucceeded(position: number): boolean {
    const outcome = outcomes.get(position);
    return outcome === undefined ? options.earlier.get(position) === OK : 'version' in outcome;
  }

  /** Whether the first of two steps has made what the second is to complete. */
  function isMade({ position }: BulkStep): boolean {
    const first = firstOf.get(position);
    return first !== undefined && hasSucceeded(first);
  }
}

export const OK = 'OK';

/** It waits for an approval: neither done nor failed. */
export const isPending = (code: string | undefined): boolean => code === 'APPROVAL_PENDING';

const codeOf = (outcome: Outcome): string => (isFailed(outcome) ? outcome.error.code : OK);

/** An operation's answer: that of its last step, unless the first one failed. */
function resultOf(
  { position, shown, completedBy }: BulkStep,
  outcomes: ReadonlyMap<number, Outcome>,
  first: number | undefined,
): BulkResult[] {
  const outcome = outcomes.get(position);
  if (outcome === undefined || (first !== undefined && isFailed(outcomes.get(first)))) return [];
  if (isFailed(outcome)) return [{ ...shown, error: toBulkError(outcome.error) }];
  return completedBy === undefined ? [{ ...shown, version: outcome.version }] : [];
}

const isFailed = (outcome: Outcome | undefined): outcome is { readonly error: ProvostError } =>
  outcome !== undefined && 'error' in outcome;

const fromStored = ({ code, message, facts }: ReturnType<typeof toBulkError>): ProvostError =>
  new ProvostError(code, message, facts);

const referenceFailed = (): ProvostError =>
  new ProvostError(
    'BULK_REFERENCE_FAILED',
    'This operation refers to another one of the same request that failed or was not begun; nothing was done.',
  );
