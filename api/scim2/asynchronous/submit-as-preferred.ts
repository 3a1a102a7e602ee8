import type { Request, Response } from 'express';
import type { ChangeRequest } from '../../../domain/change.ts';
import { isProvostError } from '../../../domain/errors.ts';
import type { ChangeAnswer } from '../../change-door.ts';
import type { RequestContext } from '../../request-context.ts';
import { baseUrlOf, type Scim2Dependencies } from '../context.ts';
import { preferenceOf } from './prefer.ts';
import { sendAccepted } from './send-accepted.ts';
import { answerAsItStands } from './while-waiting.ts';

/**
 * Submits a change as its client prefers: waits for the answer, or not (`Prefer: respond-async`), or for so long
 * (`wait`).
 *
 * @returns undefined where the client has been answered with 202
 */
export async function submitAsPreferred(
  request: Request,
  response: Response,
  change: ChangeRequest,
  { policy, serviceProvider }: RequestContext,
  urgent: boolean,
  dependencies: Scim2Dependencies,
): Promise<ChangeAnswer | undefined> {
  const { isAsynchronous, waitMs } = preferenceOf(request);
  const { asynchronous } = dependencies;
  if (!isAsynchronous || asynchronous === undefined) {
    try {
      return await dependencies.submit(change, policy.version, urgent);
    } catch (error) {
      if (asynchronous === undefined || !isProvostError(error, 'APPROVAL_PENDING')) throw error;
      const standing = await answerAsItStands(response, change, serviceProvider, dependencies);
      if (standing !== undefined) return standing;
      response.set('Provost-Change', change.id);
      sendAccepted(response, baseUrlOf(request, dependencies), change.id, false);
      return undefined;
    }
  }
  if (waitMs > 0) {
    try {
      return await dependencies.submit(change, policy.version, urgent, waitMs);
    } catch (error) {
      if (
        !isProvostError(error, 'ACKNOWLEDGEMENT_TIMEOUT') &&
        !isProvostError(error, 'HANDING_OVER') &&
        !isProvostError(error, 'APPROVAL_PENDING')
      )
        throw error;
    }
  }
  // By a signal, which Temporal has when the client learns of it; an update that no worker took yet would be lost.
  await asynchronous.handOver(change, policy.version, urgent);
  response.set('Provost-Change', change.id);
  sendAccepted(response, baseUrlOf(request, dependencies), change.id);
  return undefined;
}
