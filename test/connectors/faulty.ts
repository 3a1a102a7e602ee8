import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { type ErrorCode, type ErrorFacts, isProvostError } from '../../domain/errors.ts';
import { type FaultyTarget, type FaultyTargetOptions, startFaultyTarget } from './faulty-target.ts';

/** A faulty target that goes with the test. */
export async function faultyTarget(t: TestContext, options: FaultyTargetOptions = {}): Promise<FaultyTarget> {
  const target = await startFaultyTarget(options);
  t.after(() => target.stop());
  return target;
}

/** Asserts the code, and whichever facts are named. */
export async function failsWith(doing: Promise<unknown>, code: ErrorCode, facts: ErrorFacts = {}): Promise<void> {
  await assert.rejects(doing, (error) => {
    assert(isProvostError(error), `no ProvostError: ${String(error)}`);
    assert.equal(error.code, code, error.message);
    for (const [name, value] of Object.entries(facts)) assert.equal(error.facts[name as keyof ErrorFacts], value, name);
    return true;
  });
}

export const listOf = (...resources: readonly object[]): object => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
  totalResults: resources.length,
  Resources: resources,
});
