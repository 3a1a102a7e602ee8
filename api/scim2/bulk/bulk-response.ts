import type { BulkResult } from '../../../domain/bulk/bulk-step.ts';
import { ProvostError } from '../../../domain/errors.ts';
import { etagOf } from '../../etag.ts';
import { scimError } from '../errors.ts';

export const BULK_RESPONSE_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:BulkResponse';

/** How one operation ended (RFC 7644 §3.7.3); what RFC 9967 §2.5.1 says of one that was asked for asynchronously, too. */
export interface OperationResponse {
  readonly method: string;
  readonly bulkId?: string;
  readonly location?: string;
  /** ETag of the resource. */
  readonly version?: string;
  /** HTTP status, as a string. */
  readonly status: string;
  /** The SCIM error of an operation that failed. */
  readonly response?: ReturnType<typeof scimError>;
}

export interface BulkResponse {
  readonly schemas: readonly string[];
  readonly Operations: readonly OperationResponse[];
}

const SUCCESS: Readonly<Record<string, string>> = { POST: '201', DELETE: '204' };

/**
 * The answer to a bulk request, in the request's order.
 *
 * @param baseUrl of the SCIM service as the client reaches it
 */
export const bulkResponse = (results: readonly BulkResult[], baseUrl: string): BulkResponse => ({
  schemas: [BULK_RESPONSE_SCHEMA],
  Operations: results.map((result) => operationResponse(result, baseUrl, `Operations[${result.operation}]: `)),
});

/** @param place of the operation in its request, for a conflict: a client shows the words, and not always what they belong to */
export function operationResponse(result: BulkResult, baseUrl: string, place = ''): OperationResponse {
  const { method, bulkId, endpoint, resourceId, error, version } = result;
  const message = error?.code === 'UNIQUENESS' ? `${place}${error.message}` : (error?.message ?? '');
  const failure = error && scimError(new ProvostError(error.code, message, error.facts));
  // What was to be created and was not is nowhere.
  const isSomewhere = endpoint !== undefined && resourceId !== undefined && !(method === 'POST' && failure);
  return {
    ...(isSomewhere ? { location: `${baseUrl}${endpoint}/${resourceId}` } : {}),
    method,
    ...(bulkId === undefined ? {} : { bulkId }),
    ...(version === undefined || version === 0 ? {} : { version: etagOf(version) }),
    status: failure?.status ?? SUCCESS[method] ?? '200',
    ...(failure === undefined ? {} : { response: failure }),
  };
}
