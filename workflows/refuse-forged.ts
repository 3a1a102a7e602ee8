import { ApplicationFailure, type WorkflowInterceptorsFactory } from '@temporalio/workflow';
import { isRefusedPayload } from '../domain/refused-payload.ts';

/**
 * Keeps from the workflows what somebody sent them who has Temporal and not the keys. A signal is dropped, an update is
 * refused, and a run that was started so ends at once: nothing of it takes effect, and nothing waits for it.
 */
export const interceptors: WorkflowInterceptorsFactory = () => ({
  inbound: [
    {
      async execute(input, next) {
        requireBelieved(input.args);
        return next(input);
      },
      async handleSignal(input, next) {
        if (!input.args.some(isRefusedPayload)) await next(input);
      },
      validateUpdate(input, next) {
        requireBelieved(input.args);
        next(input);
      },
      async handleQuery(input, next) {
        requireBelieved(input.args);
        return next(input);
      },
    },
  ],
});

function requireBelieved(args: readonly unknown[]): void {
  if (args.some(isRefusedPayload))
    throw ApplicationFailure.nonRetryable(
      'The arguments are not encrypted by this installation, or belong to another workflow.',
      'PAYLOAD_REFUSED',
    );
}
