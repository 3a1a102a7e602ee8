import type { z } from 'zod';
import type { StepOutcome } from '../../../domain/change.ts';
import type { Link } from '../../../domain/link.ts';
import type { Target } from '../../../domain/policy.ts';
import type { ChangeRecord } from '../../../stores/changes.ts';
import type { StoredResource } from '../../../stores/resources.ts';
import type { mappingTestView } from '../targets/mapping-test.ts';
import type { provisionNowView } from './schemas.ts';

type Step = z.input<typeof provisionNowView>['steps'][number];

/** What was known before the step was taken. */
export interface Known {
  readonly target: Target;
  readonly stored: StoredResource;
  readonly link: Link | undefined;
  readonly projected: z.input<typeof mappingTestView>;
}

/** Each step on the way of one resource to one target, in words, up to where it stopped. */
export function explained({ target, stored, link, projected }: Known, change: ChangeRecord): Step[] {
  const outcome = change.steps.find((step) => step.target === target.id);
  const reason = change.decision?.reasons.find((one) => one.target === target.id);
  const failed = projected.rules.filter(({ outcome: how }) => how === 'failed');
  return [
    {
      step: 'imported',
      ok: true,
      words: `Version ${stored.version} of the ${stored.type}, of ${stored.lastModified}.`,
    },
    {
      step: 'in scope',
      ok: projected.scope.inScope === true,
      words: projected.scope.inScope === true ? 'The target is for it.' : `${projected.scope.because ?? 'It is not'}.`,
      ...(reason === undefined ? {} : { details: { called: reason.called, because: reason.because } }),
    },
    { step: 'matched', ok: true, words: matchedInWords(link, target) },
    {
      step: 'projected',
      ok: failed.length === 0,
      words:
        failed.length === 0
          ? `${Object.keys(projected.account).length} attributes.`
          : failed.map(({ target: name, note }) => `${name}: ${note}`).join(' '),
      details: { account: projected.account, rules: projected.rules, awaited: projected.awaited },
    },
    {
      step: 'compared',
      ok: true,
      words:
        projected.difference.length === 0
          ? 'It is what the target confirmed last; what it really holds was looked at.'
          : `Differs from what the target confirmed last in ${projected.difference.map(({ attribute }) => attribute).join(', ')}.`,
      details: { difference: projected.difference },
    },
    ...takenInWords(outcome, change),
  ];
}

function matchedInWords(link: Link | undefined, { matchBy, matching }: Target): string {
  if (link?.remoteId !== undefined) return `The account ${link.remoteId} is known to be its own (${link.state}).`;
  const rules = matching?.rules.map(({ attributes }) => attributes.join(' and ')) ?? [matchBy];
  return `None is known; looked for by ${rules.join(', then by ')}.`;
}

function takenInWords(outcome: StepOutcome | undefined, { state }: ChangeRecord): Step[] {
  if (outcome === undefined) {
    const words = state === 'settled' ? 'Nothing was to be sent.' : 'It is under way, or waits for the target.';
    return [{ step: 'sent', ok: state === 'settled', words }];
  }
  switch (outcome.result) {
    case 'confirmed':
      return [
        { step: 'sent', ok: true, words: ACTIONS[outcome.action], details: { attempts: outcome.attempts } },
        { step: 'confirmed', ok: true, words: confirmedInWords(outcome.notKept ?? []) },
      ];
    case 'failed':
    case 'parked':
      return [{ step: 'sent', ok: false, words: outcome.message, details: { code: outcome.code } }];
    case 'waiting-approval':
    case 'withheld':
      return [{ step: 'sent', ok: false, words: outcome.message }];
    default:
      return [{ step: 'sent', ok: false, words: `It was ${outcome.result}.` }];
  }
}

const confirmedInWords = (notKept: readonly string[]): string =>
  notKept.length === 0
    ? 'The target holds what it should.'
    : `The target holds what it should, as far as it keeps it. It does not keep: ${notKept.join(', ')}.`;

const ACTIONS = {
  create: 'The account was created.',
  link: 'An account that was there was linked and brought up to date.',
  update: 'What differed was sent.',
  disable: 'The account was disabled.',
  delete: 'The account was deleted.',
  nothing: 'Nothing: the target holds it already.',
} as const;
