import { isProvostError, type ProvostError } from '../errors.ts';
import { Deviations } from '../scim/deviation.ts';
import { isRecord } from '../scim/json.ts';
import type { ResourceTypeDefinition } from '../scim/schema/definition.ts';
import { messageToScim1 } from './message-to-scim1.ts';
import { CORE_SCHEMA_1 } from './names.ts';
import { patchToScim2 } from './patch-to-scim2.ts';
import { replacementToScim2, toScim2 } from './to-scim2.ts';

export const BULK_REQUEST_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';

export interface BulkRequest2 {
  /** For SCIM 2.0's bulk to judge: what of a 1.1 request is malformed is so there. */
  readonly request: unknown;
  /**
   * Operations, by index, that mean nothing in SCIM 1.1. They have no data in the request, so that they fail in their
   * turn; {@link fromBulkResponse} says why.
   */
  readonly refused: ReadonlyMap<number, ProvostError>;
}

type Input = Readonly<Record<string, unknown>>;

/** A bulk request of SCIM 1.1 (REST API 1.1 §3.8) as one of SCIM 2.0: the same operations, their data converted. @param deviations learns what is left out of a PATCH */
export function toBulkRequest(
  input: unknown,
  types: readonly ResourceTypeDefinition[],
  deviations: Deviations = new Deviations('tolerant'),
): BulkRequest2 {
  const refused = new Map<number, ProvostError>();
  if (!isRecord(input)) return { request: input, refused };
  const convert = (operation: unknown, index: number): unknown => {
    if (!isRecord(operation)) return operation;
    try {
      return toOperation2(operation, types, deviations);
    } catch (error) {
      if (!isProvostError(error)) throw error;
      refused.set(index, error);
      return { ...operation, [keyOf(operation, 'data') ?? 'data']: null };
    }
  };
  const fields = Object.entries(input)
    .filter(([name]) => name.toLowerCase() !== 'schemas')
    .map(([name, value]) => {
      const isOperations = name.toLowerCase() === 'operations' && Array.isArray(value);
      return [name, isOperations ? value.map(convert) : value] as const;
    });
  return { request: { schemas: [BULK_REQUEST_SCHEMA], ...Object.fromEntries(fields) }, refused };
}

function toOperation2(operation: Input, types: readonly ResourceTypeDefinition[], deviations: Deviations): Input {
  const [method, path] = ['method', 'path'].map((name) => operation[keyOf(operation, name) ?? '']);
  const place = typeof path === 'string' ? locate(path, types) : undefined;
  if (place === undefined) return operation;
  const moved = { ...operation, [keyOf(operation, 'path') ?? 'path']: place.path };
  const dataKey = keyOf(operation, 'data');
  const folded = typeof method === 'string' ? method.toLowerCase() : '';
  if (dataKey === undefined || !['post', 'put', 'patch'].includes(folded)) return moved;
  const data = operation[dataKey];
  const patch = (data: unknown, type: ResourceTypeDefinition) => patchToScim2(data, type, deviations);
  const convert = folded === 'patch' ? patch : folded === 'put' ? replacementToScim2 : toScim2;
  return { ...moved, [dataKey]: convert(data, place.type) };
}

const keyOf = (object: Input, name: string): string | undefined =>
  Object.keys(object).find((key) => key.toLowerCase() === name);

/** `/Users`, `/Users/7`; clients of 1.1 also put `/v1` before it, which goes. */
function locate(
  written: string,
  types: readonly ResourceTypeDefinition[],
): { readonly path: string; readonly type: ResourceTypeDefinition } | undefined {
  const path = written.replace(/^\/?v1\//i, '/');
  const endpoint = `/${path.replace(/^\//, '').split('/', 1)[0]}`.toLowerCase();
  const type = types.find((known) => known.endpoint.toLowerCase() === endpoint);
  return type === undefined ? undefined : { path, type };
}

/** How one operation ended, as SCIM 2.0 says it (RFC 7644 §3.7.3). */
export interface OperationOutcome {
  readonly method: string;
  readonly bulkId?: string;
  readonly location?: string;
  readonly version?: string;
  readonly status: string;
  readonly response?: { readonly detail: string };
}

/** The same as SCIM 1.1 says it: a code, and a description where the operation failed. */
export type OperationOutcome1 = Omit<OperationOutcome, 'status' | 'response'> & {
  readonly status: { readonly code: string; readonly description?: string };
};

/**
 * The answer to a bulk request as SCIM 1.1 has it.
 *
 * @param refused of {@link toBulkRequest}; the answer's operations are the request's, in order, as far as they were tried
 */
export const fromBulkResponse = (
  { Operations }: { readonly Operations: readonly OperationOutcome[] },
  refused: ReadonlyMap<number, ProvostError>,
): { readonly schemas: readonly string[]; readonly Operations: readonly OperationOutcome1[] } => ({
  schemas: [CORE_SCHEMA_1],
  Operations: Operations.map(({ status: code, response, ...rest }, index) => {
    const description = refused.get(index)?.message ?? response?.detail;
    return {
      ...rest,
      status: { code, ...(description === undefined ? {} : { description: messageToScim1(description) }) },
    };
  }),
});
