import { DefaultFailureConverter } from '@temporalio/common';

/**
 * Puts the message and the stack of a failure into a payload, which the codec encrypts: a target's words may repeat
 * personal data. The failure's type stays readable, and is a code of domain/errors.ts. Bundled into the workflows.
 */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
