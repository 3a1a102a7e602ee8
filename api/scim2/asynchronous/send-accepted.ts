import type { Response } from 'express';

export const ASYNC_REQUESTS = '/AsyncRequests';

/**
 * 202 for a request that goes on by itself (RFC 9967 §2.5.1): no body, the transaction's id, and where its outcome can
 * be read.
 *
 * @param isPreferred false where the client did not ask for it: the change waits for an approval
 */
export function sendAccepted(response: Response, baseUrl: string, transaction: string, isPreferred = true): void {
  response
    .status(202)
    .set({
      'Set-Txn': transaction,
      ...(isPreferred ? { 'Preference-Applied': 'respond-async' } : {}),
      Location: `${baseUrl}${ASYNC_REQUESTS}/${transaction}`,
      'Retry-After': '1',
    })
    .end();
}
