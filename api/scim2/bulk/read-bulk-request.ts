import type { BulkMethod } from '../../../domain/bulk/bulk-step.ts';
import { ProvostError } from '../../../domain/errors.ts';
import { isRecord } from '../../../domain/scim/json.ts';
import type { ScimValue } from '../../../domain/scim/resource.ts';

export const BULK_REQUEST_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';

const METHODS: readonly string[] = ['POST', 'PUT', 'PATCH', 'DELETE'] satisfies readonly BulkMethod[];

/** The envelope of a bulk request (RFC 7644 §3.7); its operations are not looked at yet. */
export interface BulkRequest {
  /** Errors after which nothing more is begun; absent: whatever happens. */
  readonly failOnErrors?: number;
  readonly operations: readonly unknown[];
}

/** One operation in form; whether it can be done is not known yet. */
export interface SentOperation {
  readonly method: BulkMethod;
  readonly bulkId?: string;
  readonly path: string;
  readonly version?: string;
  readonly data?: ScimValue;
}

/**
 * Opens the envelope of a bulk request. Names are in any letter case, as all of SCIM's are (RFC 7643 §2.1).
 *
 * @throws ProvostError `INVALID_SYNTAX`, `INVALID_VALUE`; `TOO_LARGE` for more operations than `maxOperations` (§3.7.4)
 */
export function readBulkRequest(body: unknown, maxOperations: number): BulkRequest {
  if (!isRecord(body)) throw syntax('The body must be a JSON object with schemas and Operations.');
  const fields = fieldsOf(body);
  const schemas = fields['schemas'];
  if (!Array.isArray(schemas) || !schemas.some((urn) => equalsFolded(urn, BULK_REQUEST_SCHEMA)))
    throw syntax(`schemas must be ["${BULK_REQUEST_SCHEMA}"].`);
  const operations = fields['operations'];
  if (!Array.isArray(operations) || operations.length === 0)
    throw syntax('Operations must be an array of at least one operation.');
  if (operations.length > maxOperations)
    throw new ProvostError(
      'TOO_LARGE',
      `The bulk request has ${operations.length} operations; maxOperations is ${maxOperations}. Divide it.`,
    );
  const failOnErrors = fields['failonerrors'];
  if (failOnErrors === undefined || failOnErrors === null) return { operations };
  if (typeof failOnErrors !== 'number' || !Number.isInteger(failOnErrors) || failOnErrors < 0)
    throw new ProvostError('INVALID_VALUE', 'failOnErrors must be an integer of 0 or more.', { path: 'failOnErrors' });
  // WSO2's clients send 0 for: never stop.
  return failOnErrors === 0 ? { operations } : { operations, failOnErrors };
}

/** @throws ProvostError `INVALID_SYNTAX` for an operation that is not in form; the others are none the worse */
export function readOperation(input: unknown): SentOperation {
  if (!isRecord(input)) throw syntax('An operation must be an object with method, path and data.');
  const { method: sent, bulkid, path, version, data } = fieldsOf(input);
  const method = typeof sent === 'string' ? sent.toUpperCase() : '';
  if (!METHODS.includes(method)) throw syntax('The method of an operation must be POST, PUT, PATCH or DELETE.');
  if (typeof path !== 'string' || path === '') throw syntax('An operation must have a path, such as /Users.');
  const bulkId = isGiven(bulkid) ? bulkid : undefined;
  if (bulkId !== undefined && (typeof bulkId !== 'string' || bulkId === ''))
    throw syntax('A bulkId must be a string of one character or more.');
  if (method === 'POST' && bulkId === undefined) throw syntax('An operation with the method POST must have a bulkId.');
  if (isGiven(version) && typeof version !== 'string') throw syntax('The version of an operation must be a string.');
  if (method !== 'DELETE' && (typeof data !== 'object' || data === null))
    throw syntax(`An operation with the method ${method} must have data.`);
  return {
    method: method as BulkMethod,
    path,
    ...(bulkId === undefined ? {} : { bulkId }),
    ...(typeof version === 'string' ? { version } : {}),
    ...(method === 'DELETE' ? {} : { data: data as ScimValue }),
  };
}

/** What of an operation can be shown again, however malformed it is. */
export function shownOf(input: unknown): { readonly method: string; readonly bulkId?: string } {
  const { method, bulkid } = isRecord(input) ? fieldsOf(input) : {};
  return {
    method: typeof method === 'string' ? method.slice(0, 16).toUpperCase() : '',
    ...(typeof bulkid === 'string' ? { bulkId: bulkid } : {}),
  };
}

const fieldsOf = (record: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name.toLowerCase(), value]));

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

const equalsFolded = (value: unknown, text: string): boolean =>
  typeof value === 'string' && value.toLowerCase() === text.toLowerCase();

const syntax = (message: string): ProvostError => new ProvostError('INVALID_SYNTAX', message);
