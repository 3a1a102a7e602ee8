import { hasEnded, STORE } from '../../../domain/change.ts';
import type { ErrorCode } from '../../../domain/errors.ts';
import type { TargetId } from '../../../domain/ids.ts';
import type { AwaitedReference } from '../../../stores/awaited-members.ts';
import type { ChangeRecord } from '../../../stores/changes.ts';

/** Something that a change waits for, for a person to read. */
export interface Wait {
  readonly target: TargetId;
  readonly name: string;
  /** Whether nothing happens until an operator decides. */
  readonly parked: boolean;
  /** One sentence: what waits and why. */
  readonly because: string;
  readonly code?: string;
  /** What the target itself said. */
  readonly targetSaid?: string;
}

/**
 * @param nameOf what people call a target
 * @param references what attributes of the resource wait for at targets
 */
export function waitsOf(
  change: ChangeRecord,
  nameOf: (target: TargetId) => string,
  references: readonly AwaitedReference[] = [],
): Wait[] {
  const awaited = references.map(
    ({ target, awaited }): Wait => ({
      target,
      name: nameOf(target),
      parked: false,
      because: `${nameOf(target)} has no account of ${awaited} yet. An attribute that refers to it is sent when there is one.`,
    }),
  );
  if (hasEnded(change.state)) return awaited;
  const ended = new Set(change.steps.map((step) => step.target));
  const parked = change.steps.flatMap((step): Wait[] => {
    if (step.result !== 'parked') return [];
    const name = nameOf(step.target);
    return [
      {
        target: step.target,
        name,
        parked: true,
        because: `${name} ${reasonInWords(step.code)}`,
        code: step.code,
        targetSaid: step.message,
      },
    ];
  });
  const waiting = change.steps.flatMap((step): Wait[] =>
    step.result === 'waiting-approval'
      ? [{ target: step.target, name: nameOf(step.target), parked: false, because: step.message }]
      : [],
  );
  const open = (change.decision?.reasons ?? []).flatMap(({ target, called }): Wait[] => {
    if (!called || ended.has(target)) return [];
    const name = nameOf(target);
    return [{ target, name, parked: false, because: `${name} has not confirmed the change yet.` }];
  });
  return [...parked, ...waiting, ...open, ...awaited];
}

/** Where a change stands, in one sentence. */
export function standingInWords(
  change: ChangeRecord,
  waits: readonly Wait[],
  nameOf: (target: TargetId) => string,
): string {
  const notKept = notKeptInWords(change, nameOf);
  const withNotKept = (words: string): string => [words, ...notKept].join(' ');
  switch (change.state) {
    case 'received':
      return 'It was accepted and is not stored yet.';
    case 'waiting-approval':
      return 'It waits for an approval.';
    case 'settled':
      if (change.steps.some(({ result }) => INCOMPLETE.has(result)))
        return withNotKept('It is done, except at the targets that were skipped, failed, or may not learn of it.');
      if (waits.length > 0) return withNotKept('It is done, except for references that wait for accounts at targets.');
      return notKept.length === 0 ? 'It is done, everywhere.' : withNotKept('It is done.');
    case 'compensated':
      return 'It was taken back.';
    case 'rejected':
      return `It was refused: ${change.error?.message ?? 'no reason was recorded.'}`;
    default: {
      if (change.undo !== undefined) return undoInWords(change, waits);
      const parked = waits.filter((wait) => wait.parked).length;
      if (waits.some((wait) => wait.parked && wait.target === STORE)) return storeInWords(change);
      if (parked > 0) return `An operator has to decide: ${targets(parked)} cannot be served as things are.`;
      return waits.length > 0 ? `It is stored, and on its way to ${targets(waits.length)}.` : 'It is stored.';
    }
  }
}

/** Of work on our own database that is parked; what is known of the change says which. */
const storeInWords = ({ decision }: ChangeRecord): string =>
  decision === undefined
    ? 'An operator has to decide: it could not be stored.'
    : 'An operator has to decide: what came of it could not be recorded.';

/** One sentence for each target that confirmed the change and does not keep all of it. */
const notKeptInWords = ({ steps }: ChangeRecord, nameOf: (target: TargetId) => string): string[] =>
  steps.flatMap((step) =>
    step.result === 'confirmed' && step.notKept !== undefined && step.notKept.length > 0
      ? [`${nameOf(step.target)} does not keep: ${step.notKept.join(', ')}.`]
      : [],
  );

const INCOMPLETE: ReadonlySet<string> = new Set(['failed', 'skipped', 'withheld']);

/** What stands where while a change is taken back. */
function undoInWords({ undo, steps }: ChangeRecord, waits: readonly Wait[]): string {
  const nameOf = new Map(waits.map(({ target, name }) => [target, name]));
  const failed = steps.flatMap((step) => (step.result === 'parked' && step.target !== STORE ? [step.target] : []));
  const restored = steps.filter(({ result, target }) => result === 'compensated' && !failed.includes(target)).length;
  const still = steps.filter(({ result, target }) => result === 'confirmed' && !failed.includes(target)).length;
  const names = failed.map((target) => nameOf.get(target) ?? target).join(', ');
  const isStoreParked = steps.some(({ target, result }) => target === STORE && result === 'parked');
  const begin = [
    ...(failed.length > 0 ? [`It could not be taken back at ${names}, which may hold it still.`] : []),
    ...(isStoreParked ? ['It could not be taken back in the store, which holds it still.'] : []),
  ];
  const store = {
    'not-yet': 'The store holds it still, and is put back after the targets.',
    restored: 'The store holds what stood before it.',
    kept: 'The store was left as it is: a later change stands on top.',
  };
  return [
    ...(begin.length === 0 ? ['It is being taken back.'] : begin),
    ...(restored === 0 ? [] : [`${targets(restored)} put back.`]),
    ...(still === 0 ? [] : [`${targets(still)} to be put back.`]),
    ...(isStoreParked ? [] : [store[undo?.store ?? 'not-yet']]),
  ].join(' ');
}

const targets = (count: number): string => (count === 1 ? '1 target' : `${count} targets`);

const REASONS: Partial<Record<ErrorCode, string>> = {
  RESTORE_CONFLICT:
    'cannot be restored, because another resource has a unique value by now that this one had before. Free it and retry, edit the value, or skip to keep the change.',
  NO_EARLIER_STATE:
    'cannot be given back what it held before, because nothing is stored of this resource. Send what the account is to hold, then skip.',
  UNEXPECTED_FAILURE: 'failed for a reason that nobody foresaw. Look at the log of the worker, mend it, then retry.',
  CONCURRENT_WRITE: 'was written by others in every attempt. Retry.',
  TARGET_REJECTED: 'refused what was sent. Correct the data or the mapping, then retry; or skip this target.',
  TARGET_CONFLICT:
    'has another account with a value that must be unique. Remove or rename that account, or match by another attribute, then retry.',
  TARGET_NOT_FOUND: 'no longer has something that the step needs. Look what was removed there, then retry.',
  TARGET_UNAUTHORISED: 'did not accept our credentials. Renew them in the settings of the target, then retry.',
  TARGET_THROTTLED: 'kept asking us to come back later, for longer than its retry policy allows. Retry.',
  TARGET_UNAVAILABLE: 'could not be reached for as long as its retry policy allows. Retry when it is back.',
  TARGET_OUTCOME_UNKNOWN: 'broke off before it answered; the change may have taken effect there. A retry looks first.',
  TARGET_AMBIGUOUS_MATCH: 'has several accounts that match. Decide which one it is, or that another is to be created.',
  TARGET_MATCH_UNDECIDED: 'leaves it to you whether an account is linked or created. Decide about the account.',
  TARGET_MISCONFIGURED: 'is not configured as its connector needs it. Correct its settings, then retry.',
  TARGET_ADDRESS_FORBIDDEN:
    'has an address that calls may not go to. Correct its address, or let this installation call it, then retry.',
  DELETION_STAGED:
    'was to lose more accounts than its deletion guard lets through. Approve or reject its staged deletions.',
  TARGET_TIMED_OUT: 'gave no answer within the time that its retry policy allows. Retry when it answers again.',
};

const reasonInWords = (code: string): string =>
  REASONS[code as ErrorCode] ??
  'could not be served, for a reason that its own words may tell. Retry, or skip this target.';
