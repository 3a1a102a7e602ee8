import type { Response } from 'express';

export const ASYNC_REQUESTS = '/AsyncRequests';

/**
 * 202 for a request that goes on by itself (RFC 9967 §2.5.1): no body, the transaction's id, and where its outcome can
 * be read.
 */
export function sendAccepted(response: Response, baseUrl: string, transaction: string): void {
  response
    .status(202)
    .set({
      'Set-Txn': transaction,
      'Preference-Applied': 'respond-async',
      Location: `${baseUrl}${ASYNC_REQUESTS}/${transaction}`,
      'Retry-After': '1',
    })
    .end();
}
