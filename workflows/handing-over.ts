import { ApplicationFailure } from '@temporalio/workflow';

/** Tells a client that its request belongs to the next run: the API sends it again. */
export const handingOver = (): ApplicationFailure =>
  ApplicationFailure.create({
    nonRetryable: true,
    type: 'HANDING_OVER',
    message: 'The workflow is handing over to its next run; send the same request again.',
  });

export const isHandingOver = (error: unknown): boolean =>
  error instanceof ApplicationFailure && error.type === 'HANDING_OVER';
