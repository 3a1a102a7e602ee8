import { ProvostError } from '../../errors.ts';
import type { Deviations } from '../deviation.ts';
import { isRecord } from '../json.ts';
import type { PatchOperation } from '../resource.ts';
import { nameForMessage } from '../values/parse-value.ts';

export const PATCH_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

/** A request holds whatever a client gathers in a minute; a job of thousands belongs into /Bulk. */
const MAX_OPERATIONS = 1_000;

/** SCIM 1.1 has no operations: its requests are put into these, and what fails is said without them. */
export type PatchDialect = 'scim2' | 'scim1';

/** One operation as it came: only `op` is understood. */
export interface SentOperation {
  readonly op: PatchOperation['op'];
  readonly path?: string;
  /** Absent and null are not the same: a replace by null clears (RFC 7643 §2.5). */
  readonly value?: unknown;
  /** For messages: `Operations[3]`; empty where the client sent no operations. */
  readonly label: string;
}

/** What is wrong with an operation, with its place in the request where it has one. */
export const worded = ({ label }: SentOperation, problem: string): string =>
  label === '' ? `${problem.charAt(0).toUpperCase()}${problem.slice(1)}` : `${label}: ${problem}`;

/**
 * Opens the envelope of a PATCH (RFC 7644 §3.5.2). Names are in any letter case, as all of SCIM's are (RFC 7643 §2.1).
 *
 * @throws ProvostError `INVALID_SYNTAX`, `TOO_MANY`, `INVALID_PATH` (a path that is not a string)
 */
export function readOperations(
  body: unknown,
  deviations: Deviations,
  dialect: PatchDialect = 'scim2',
): readonly SentOperation[] {
  if (!isRecord(body)) throw syntax('The body must be a JSON object with schemas and Operations.');
  if (!Object.keys(body).some((name) => name.toLowerCase() === 'operations')) throw noPatch();
  const fields = readFields(body, ['schemas', 'operations'], 'The body', deviations);
  const schemas = fields['schemas'];
  const urns = Array.isArray(schemas) ? schemas : [];
  if (!urns.some((urn) => typeof urn === 'string' && urn.toLowerCase() === PATCH_SCHEMA.toLowerCase()))
    deviations.note('patch-schema-missing', 'schemas', 'INVALID_SYNTAX', `schemas must be ["${PATCH_SCHEMA}"].`);
  const operations = fields['operations'];
  if (!Array.isArray(operations) || (operations.length === 0 && dialect === 'scim2'))
    throw syntax('Operations must be an array of at least one operation.');
  if (operations.length > MAX_OPERATIONS)
    throw new ProvostError('TOO_MANY', `Send at most ${MAX_OPERATIONS} operations in one request.`, {
      path: 'Operations',
    });
  return operations.map((operation: unknown, index) =>
    readOperation(operation, dialect === 'scim1' ? '' : `Operations[${index}]`, deviations),
  );
}

function readOperation(input: unknown, label: string, deviations: Deviations): SentOperation {
  if (!isRecord(input)) throw syntax(`${label} must be an object with op, path and value.`);
  const fields = readFields(input, ['op', 'path', 'value'], label, deviations);
  const op = readOp(fields['op'], label, deviations);
  const path = fields['path'];
  if (path !== undefined && path !== null && typeof path !== 'string')
    throw new ProvostError('INVALID_PATH', `${label}.path must be a string.`);
  // An empty path is how some serialisers write none.
  const isPath = typeof path === 'string' && path.trim() !== '';
  return {
    op,
    label,
    ...(isPath ? { path } : {}),
    ...(Object.hasOwn(fields, 'value') ? { value: fields['value'] } : {}),
  };
}

function readOp(input: unknown, label: string, deviations: Deviations): PatchOperation['op'] {
  const folded = typeof input === 'string' ? input.toLowerCase() : undefined;
  if (folded !== 'add' && folded !== 'replace' && folded !== 'remove')
    throw syntax(`${label}.op must be add, replace or remove.`);
  // Entra: `Add`, `Replace`, `Remove`, peers.md 3.3 no. 1.
  if (input !== folded) deviations.note('operation-case', 'op', 'INVALID_SYNTAX', `${label}.op must be in lower case.`);
  return folded;
}

/** The named fields by their names in lower case. */
function readFields(
  input: Readonly<Record<string, unknown>>,
  names: readonly string[],
  label: string,
  deviations: Deviations,
): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(input)) {
    const folded = name.toLowerCase();
    if (!names.includes(folded)) {
      const shown = nameForMessage(name);
      deviations.note('unknown-attribute', shown, 'INVALID_SYNTAX', `${label} must not have ${shown}.`);
    } else if (Object.hasOwn(fields, folded)) {
      deviations.note('duplicate-attribute', folded, 'INVALID_SYNTAX', `${label} has ${folded} twice.`);
    } else {
      fields[folded] = value;
    }
  }
  return fields;
}

/** A merge patch (RFC 7396), or the attributes as SCIM 1.1 sends them. */
const noPatch = (): ProvostError =>
  syntax(
    `The body has no Operations. Attributes by themselves (a merge patch, or a PATCH of SCIM 1.1) are not taken here: send {"schemas": ["${PATCH_SCHEMA}"], "Operations": [{"op": "replace", "path": "…", "value": …}]} (RFC 7644 §3.5.2).`,
  );

const syntax = (message: string): ProvostError => new ProvostError('INVALID_SYNTAX', message);
