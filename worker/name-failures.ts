import { ApplicationFailure } from '@temporalio/common';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import { isProvostError } from '../domain/errors.ts';
import { isDatabaseAway } from '../stores/connect.ts';

/**
 * Gives a failure its code as Temporal knows it (`type`), whether Temporal should try again, and when. The one place
 * where this is decided.
 */
export const nameFailures: ActivityInboundCallsInterceptor = {
  async execute(input, next) {
    try {
      return await next(input);
    } catch (error) {
      if (error instanceof Error && isDatabaseAway(error))
        throw ApplicationFailure.create({
          type: 'STORE_UNAVAILABLE',
          message: 'The database does not answer.',
          cause: error,
        });
      if (!isProvostError(error)) throw error;
      throw ApplicationFailure.create({
        type: error.code,
        message: error.message,
        nonRetryable: !error.traits.retryable || error.facts.givenUp === true,
        details: [error.facts],
        // A delay of 0 is none to Temporal: it would not try again at all.
        ...(error.facts.retryAfterMs ? { nextRetryDelay: error.facts.retryAfterMs } : {}),
      });
    }
  },
};
