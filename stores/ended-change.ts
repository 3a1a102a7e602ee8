import type { StoredReference } from '../domain/change.ts';
import { isErrorCode, ProvostError } from '../domain/errors.ts';
import type { Mode } from '../domain/policy.ts';
import type { ChangeRecord } from './changes.ts';

/**
 * What a change that has ended was answered, for whoever asks again: its record outlives the workflow run that knew it.
 *
 * @returns undefined where it has not ended
 * @throws ProvostError what it was answered then
 */
export function answerOfEnded(
  record: ChangeRecord,
): { readonly mode: Mode; readonly reference: StoredReference } | undefined {
  if (record.state === 'rejected' && record.error !== undefined) {
    throw new ProvostError(record.error.code, record.error.message, record.error.facts);
  }
  if (record.state === 'compensated') {
    const failure = record.steps.find((step) => step.result === 'failed');
    const code = failure !== undefined && isErrorCode(failure.code) ? failure.code : 'TARGET_REJECTED';
    throw new ProvostError(code, failure?.message ?? 'A target did not take the change, and it was taken back.');
  }
  if (record.state !== 'settled' || record.reference === undefined) return undefined;
  return { mode: record.decision?.mode ?? 'persist', reference: record.reference };
}
