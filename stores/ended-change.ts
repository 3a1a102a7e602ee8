import type { StoredReference } from '../domain/change.ts';
import { ProvostError } from '../domain/errors.ts';
import type { Mode } from '../domain/policy.ts';
import type { ChangeRecord } from './changes.ts';

/**
 * What a change that has ended, or is being taken back, was answered, for whoever asks again: its record outlives the workflow run that knew it.
 *
 * @returns undefined where it has not ended
 * @throws ProvostError what it was answered then
 */
export function answerOfEnded(
  record: ChangeRecord,
): { readonly mode: Mode; readonly reference: StoredReference } | undefined {
  const { error } = record;
  if (error !== undefined) throw new ProvostError(error.code, error.message, error.facts);
  if (record.state !== 'settled' || record.reference === undefined) return undefined;
  return { mode: record.decision?.mode ?? 'persist', reference: record.reference };
}
