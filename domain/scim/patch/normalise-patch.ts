import { ProvostError } from '../../errors.ts';
import { refuseUnsettingActive } from '../active.ts';
import { bindPath, respellName } from '../attribute-path.ts';
import { type Deviation, Deviations } from '../deviation.ts';
import { parsePath } from '../filter/parse-filter.ts';
import { isRecord } from '../json.ts';
import type { Mode } from '../mode.ts';
import type { PatchOperation } from '../resource.ts';
import type { ResourceTypeDefinition } from '../schema/definition.ts';
import { findAttribute, findCoreAttribute, findExtension, isServerComputed } from '../schema/find-attribute.ts';
import { emptyPassword } from '../values/parse-scalar.ts';
import { nameForMessage } from '../values/parse-value.ts';
import { type AttributeTarget, readTarget } from './patch-target.ts';
import type { ReadOnlyClaim } from './read-only-claims.ts';
import { type PatchDialect, readOperations, type SentOperation, worded } from './read-operations.ts';
import { toOperation } from './target-value.ts';

export interface NormalisedPatch {
  /** Each with a path in the schema's spelling and a value of the target's type. May be empty. */
  readonly operations: readonly PatchOperation[];
  /** In clear: hash or seal it before it goes anywhere. The last one of the request. */
  readonly password?: string;
  /** What read-only attributes are said to be, by path. It has to be so, else nothing of the request may be done. */
  readonly claims: readonly ReadOnlyClaim[];
  readonly deviations: readonly Deviation[];
}

/** Longest path that a client may send, in characters. */
const MAX_PATH_LENGTH = 4_096;
/** An operation without a path comes apart into one for each attribute that it names. */
const MAX_NORMALISED = 10_000;

/**
 * Operations out of the body of a PATCH (RFC 7644 §3.5.2), whatever dialect the client speaks: an operation without a
 * path becomes one for each attribute in its value, so does one on a whole extension; clearing becomes a remove.
 *
 * @param dialect whose words failures are in, and whether a request may do nothing
 * @throws ProvostError `INVALID_SYNTAX`, `INVALID_PATH`, `INVALID_FILTER`, `INVALID_VALUE`, `MUTABILITY` (a read-only
 *   attribute is removed, or in strict mode named), `NO_TARGET` (a remove without a path), `TOO_MANY`
 */
export function normalisePatch(
  body: unknown,
  type: ResourceTypeDefinition,
  mode: Mode,
  dialect: PatchDialect = 'scim2',
): NormalisedPatch {
  const deviations = new Deviations(mode);
  const reader = new PatchReader(type, deviations);
  const sent = readOperations(body, deviations, dialect);
  for (const operation of sent) reader.read(operation);
  const { operations, password, claims, ignored } = reader;
  // Entra's attribute that nobody knows must not fail those beside it (peers.md 3.3 no. 16). Where there is nothing
  // beside, doing nothing would be no answer.
  if (ignored[0] !== undefined && ignored.length + claims.length === sent.length) throw ignored[0];
  return { operations, claims, ...(password === undefined ? {} : { password }), deviations: deviations.list };
}

class PatchReader {
  readonly operations: PatchOperation[] = [];
  password: string | undefined;
  readonly claims: ReadOnlyClaim[] = [];
  /** Why operations were ignored whose own path says what they are about. */
  readonly ignored: ProvostError[] = [];
  readonly #type: ResourceTypeDefinition;
  readonly #deviations: Deviations;

  constructor(type: ResourceTypeDefinition, deviations: Deviations) {
    this.#type = type;
    this.#deviations = deviations;
  }

  read(sent: SentOperation): void {
    if (sent.path === undefined) this.#readPathless(sent);
    else this.#readPath(sent, sent.path);
  }

  /** Okta and Entra: `{"op": "replace", "value": {…}}`, peers.md 3.3 no. 8 and 3.4 no. 2. */
  #readPathless(sent: SentOperation): void {
    if (sent.op === 'remove')
      throw new ProvostError('NO_TARGET', `${sent.label} must have a path: it says what to remove.`);
    this.#deviations.note('no-path', undefined, 'INVALID_SYNTAX', `${sent.label} must have a path.`);
    this.#readAttributes(sent, '');
  }

  /** A value that names attributes, or paths, by its keys. */
  #readAttributes(sent: SentOperation, prefix: string): void {
    if (!isRecord(sent.value))
      throw new ProvostError('INVALID_VALUE', worded(sent, 'the value must be an object of attributes.'));
    for (const [name, value] of Object.entries(sent.value)) {
      if (prefix === '') this.#noteQualified(name);
      this.#readPath({ ...sent, value }, `${prefix}${name}`, true);
    }
  }

  /** `name.givenName`, `urn:…:User:department`, `emails[type eq "work"].value` as JSON keys. */
  #noteQualified(name: string): void {
    if (findCoreAttribute(this.#type, name) !== undefined || findExtension(this.#type, name) !== undefined) return;
    if (!/[.:[]/.test(name)) return;
    const path = nameForMessage(name);
    this.#deviations.note('qualified-key', path, 'INVALID_SYNTAX', `${path} must be nested, not named by its path.`);
  }

  #readPath(sent: SentOperation, path: string, isKey = false): void {
    const target = this.#findTarget(path, isKey);
    if (target === undefined) {
      const name = nameForMessage(path);
      const message = worded(sent, `${this.#type.name} has no attribute ${name}.`);
      if (!isKey) this.#refuseMeant(path, message);
      this.#deviations.note('unknown-attribute', name, isKey ? 'INVALID_SYNTAX' : 'INVALID_PATH', message);
      if (!isKey) this.ignored.push(new ProvostError('INVALID_PATH', message, { path: name }));
    } else if (target.kind === 'resource') {
      if (sent.op === 'remove') throw new ProvostError('INVALID_PATH', `${sent.label}.path must name an attribute.`);
      this.#readAttributes(sent, '');
    } else if (target.kind === 'extension') {
      const isCleared = sent.op === 'replace' && (sent.value === null || sent.value === '');
      if (sent.op === 'remove' || isCleared) this.#push({ op: 'remove', path: target.path });
      else if (sent.value !== null) this.#readAttributes(sent, `${target.path}:`);
    } else {
      this.#readAttribute(sent, target, isKey);
    }
  }

  #findTarget(path: string, isKey: boolean): ReturnType<typeof readTarget> {
    const { mode } = this.#deviations;
    const respelt = respellName(path.trim(), this.#type);
    if (respelt !== path.trim()) {
      const shown = nameForMessage(path);
      const message = `${shown} must be written ${nameForMessage(respelt)}: a schema's URN, a colon, an attribute.`;
      this.#deviations.note('loose-name', shown, 'INVALID_PATH', message);
    }
    try {
      return readTarget(respelt, this.#type, 'strict', MAX_PATH_LENGTH);
    } catch (error) {
      if (mode === 'strict') throw error;
      // As a key it is the name of an attribute that nobody knows, and dropped as such.
      const target = isKey && !/[[\]]/.test(path) ? undefined : readTarget(respelt, this.#type, mode, MAX_PATH_LENGTH);
      if (target !== undefined)
        this.#deviations.note('loose-filter', undefined, 'INVALID_PATH', 'Filter values must be in double quotes.');
      return target;
    }
  }

  /**
   * Refuses a path that is meant for an attribute that is here and does not lead to it: its client speaks of no other
   * schema, so that leaving it out would hide a mistake.
   */
  #refuseMeant(text: string, message: string): void {
    const respelt = respellName(text.trim(), this.#type);
    const { path } = parsePath(respelt, { tolerant: true, maxLength: 2 * MAX_PATH_LENGTH });
    const { sub: _sub, ...whole } = path;
    const holder =
      path.urn === undefined
        ? this.#type.extensions.find(({ schema }) => findAttribute(schema.attributes, path.name) !== undefined)
        : undefined;
    const hint = holder === undefined ? '' : ` It is ${holder.schema.id}:${nameForMessage(respelt)}.`;
    if (bindPath(whole, this.#type) !== undefined || holder !== undefined || path.name.startsWith('$'))
      throw new ProvostError('INVALID_PATH', `${message}${hint}`, { path: nameForMessage(text) });
  }

  /** Okta sends `id` beside what it changes, as a key of a value (peers.md 3.4 no. 3); that means nothing. */
  #readReadOnly(sent: SentOperation, target: AttributeTarget, isKey: boolean): void {
    const name = nameForMessage(target.path);
    const message = worded(sent, `${name} is read-only.`);
    this.#deviations.note('read-only', name, 'MUTABILITY', message);
    if (isKey) return;
    if (sent.op === 'remove' || sent.value === undefined || sent.value === null)
      throw new ProvostError('MUTABILITY', message, { path: target.attribute.name });
    this.claims.push({ op: sent.op, target, value: sent.value, message });
  }

  #readAttribute(sent: SentOperation, target: AttributeTarget, isKey: boolean): void {
    const { attribute, sub, filter, extension } = target;
    if (isServerComputed(attribute) || (sub !== undefined && isServerComputed(sub))) {
      this.#readReadOnly(sent, target, isKey);
      return;
    }
    // A member is removed by `members[value eq "…"]` in every dialect, so that stays allowed.
    if (filter !== undefined && sub === undefined && sent.op !== 'remove')
      this.#deviations.note(
        'whole-element',
        attribute.name,
        'INVALID_PATH',
        `${sent.label}.path must end in a sub-attribute after its filter.`,
      );
    const operation = toOperation(sent, target, this.#deviations);
    if (operation === undefined) return;
    if (operation.op === 'remove' && extension === undefined) refuseUnsettingActive(attribute.name, this.#type);
    if (extension !== undefined || attribute.name !== 'password') this.#push(operation);
    else if (operation.op === 'remove')
      throw new ProvostError('MUTABILITY', 'A password can be replaced, not removed.', { path: 'password' });
    else if (operation.value === '') throw emptyPassword();
    else if (typeof operation.value === 'string') this.password = operation.value;
  }

  #push(operation: PatchOperation): void {
    if (this.operations.length >= MAX_NORMALISED)
      throw new ProvostError('TOO_MANY', `A request may change at most ${MAX_NORMALISED} attributes.`);
    this.operations.push(operation);
  }
}
