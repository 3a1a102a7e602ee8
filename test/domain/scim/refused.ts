import assert from 'node:assert/strict';
import { type ErrorCode, isProvostError, type ProvostError } from '../../../domain/errors.ts';

/** Runs what must be refused with a code, and gives the refusal for further questions. */
export function refused(code: ErrorCode, action: () => unknown): ProvostError {
  try {
    action();
  } catch (error) {
    if (!isProvostError(error)) throw error;
    assert.equal(error.code, code, error.message);
    return error;
  }
  return assert.fail(`It was accepted; expected ${code}.`);
}
