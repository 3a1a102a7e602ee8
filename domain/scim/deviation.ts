import { type ErrorCode, ProvostError } from '../errors.ts';
import type { Mode } from './mode.ts';

/** Every way in which a request may differ from RFC 7643/7644 and still be understood. */
export const DEVIATIONS = {
  'unknown-attribute': 'an attribute that no schema of the resource type has; dropped',
  'duplicate-attribute': 'one attribute twice, in different letter case; the first counts',
  'unknown-schema': 'a schema URN that the resource type does not have; ignored',
  'schemas-missing': 'no `schemas`, or not the one of the resource type',
  'extension-not-listed': "an extension's attributes without its URN in `schemas`",
  'qualified-key': 'a URN-qualified or dotted attribute name as a JSON key',
  'loose-name': "a dot after a schema's URN, or a schema's short name in the place of its URN",
  'surrounding-blanks': 'blanks around a unique value; trimmed',
  'store-domain': "a user store's domain before a name, `PRIMARY/`; left out",
  'coerced-boolean': 'a boolean sent as a string',
  'coerced-number': 'a number sent as a string',
  'coerced-string': 'a string sent as a number or boolean',
  'loose-date-time': 'a dateTime that is not quite xsd:dateTime',
  'loose-binary': 'a binary value that is base64url, unpadded or folded',
  'single-for-many': 'a multi-valued attribute sent as one value instead of an array',
  'bare-value': 'a complex value sent as its bare `value`',
  'empty-string': 'a complex value cleared by an empty string',
  'json-in-string': 'an object sent as a string that holds JSON',
  'several-primaries': 'more than one primary value; the first counts',
  'read-only': 'a read-only attribute among the values of a PATCH; ignored',
  'patch-schema-missing': "a PATCH body without the PatchOp schema's URN",
  'operation-case': 'a PATCH `op` not in lower case',
  'no-path': 'a PATCH operation without a path; its value was taken apart into attributes',
  'whole-element': 'a PATCH path that selects whole elements by a filter instead of a sub-attribute of them',
  'loose-filter': 'a filter value without double quotes, or not of the type of what it is compared with',
  'many-for-single': 'a single-valued attribute sent as an array of one',
  'remove-with-value': 'a PATCH remove that lists the values to remove',
  'element-created': 'a PATCH for an element that did not exist; it was created from the path',
  'nothing-matched': 'a PATCH remove for an element that did not exist',
} as const;

export type DeviationCode = keyof typeof DEVIATIONS;

/** One deviation of one request. It names the attribute, never a value. */
export interface Deviation {
  readonly code: DeviationCode;
  readonly path?: string;
}

/** Gathers what one request did differently, or refuses it where the mode is strict. */
export class Deviations {
  readonly mode: Mode;
  readonly #found = new Map<string, Deviation>();

  constructor(mode: Mode) {
    this.mode = mode;
  }

  /** @throws ProvostError with `code` and `message` in strict mode */
  note(deviation: DeviationCode, path: string | undefined, code: ErrorCode, message: string): void {
    if (this.mode === 'strict') throw new ProvostError(code, message, path === undefined ? {} : { path });
    // A body of 100,000 members with the same quirk is one deviation, and memory stays small whatever is sent.
    if (this.#found.size >= 100) return;
    this.#found.set(`${deviation} ${path ?? ''}`, { code: deviation, ...(path === undefined ? {} : { path }) });
  }

  get list(): readonly Deviation[] {
    return [...this.#found.values()];
  }
}
