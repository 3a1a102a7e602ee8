import { type AccountChange, isOfAccount, withAccount } from '../account.ts';
import { ProvostError } from '../errors.ts';
import { foldCase } from '../scim/fold-case.ts';
import { isArray, isObject, ownValue } from '../scim/json.ts';
import { applyPatch } from '../scim/patch/apply-patch.ts';
import { normalisePatch } from '../scim/patch/normalise-patch.ts';
import { PATCH_SCHEMA } from '../scim/patch/read-operations.ts';
import type { PatchOperation, Resource, ScimValue } from '../scim/resource.ts';
import type { ResourceTypeDefinition } from '../scim/schema/definition.ts';
import { accountChange } from './account-claims.ts';
import type { BoundClaim } from './bind-claim.ts';
import { attributePath, newElement, pathOf, splitValues, typedValue } from './claim-element.ts';
import { CLAIM_SEPARATOR } from './claim-mapping.ts';
import { attributeOf, elementsOf, readClaim } from './read-claim.ts';

/** What is to become of one claim. An empty value removes it, as WSO2 has it. */
export interface ClaimWrite {
  readonly claim: BoundClaim;
  /** `add` keeps what is there and adds what is not, whatever the letter case. */
  readonly kind: 'set' | 'add' | 'remove';
  readonly value: string;
}

export interface WrittenClaims {
  /** In the form that a PATCH has after it was normalised. Empty where nothing changes. */
  readonly operations: readonly PatchOperation[];
  /** How the account is to stand; absent where nothing of it changes. */
  readonly account?: AccountChange;
  /** The resource after all of it. */
  readonly resource: Resource;
}

/**
 * Writes of claims as operations of a PATCH: each names the element that it means, so that a change somebody else makes
 * to another element meanwhile is not undone.
 *
 * @param before the user as he stands; the operations are chosen by what he has
 * @throws ProvostError `MUTABILITY` for a claim that can only be read, `INVALID_VALUE`
 */
export function writeClaims(
  writes: readonly ClaimWrite[],
  before: Resource,
  type: ResourceTypeDefinition,
): WrittenClaims {
  let resource = before;
  const operations: PatchOperation[] = [];
  const account: Record<string, boolean | number | null> = {};
  for (const write of writes) {
    if (isOfAccount(write.claim.extension, write.claim.attribute)) {
      const change = accountChange(write, resource);
      Object.assign(account, change);
      resource = withAccount(resource, change, type);
      continue;
    }
    const sent = operationsOf(write, resource);
    if (sent.length === 0) continue;
    // Values are texts here; this turns them into what the schema says, as it does for lenient SCIM clients.
    const normalised = normalisePatch({ schemas: [PATCH_SCHEMA], Operations: sent }, type, 'tolerant').operations;
    resource = applyPatch(resource, normalised, type, 'tolerant').resource;
    operations.push(...normalised);
  }
  return { operations, resource, ...(Object.keys(account).length === 0 ? {} : { account }) };
}

type Sent = { readonly op: PatchOperation['op']; readonly path: string; readonly value?: ScimValue };

function operationsOf({ claim, kind, value }: ClaimWrite, user: Resource): readonly Sent[] {
  if (!claim.isWritable) {
    if (kind === 'set' && readClaim(claim, user) === value) return [];
    throw new ProvostError('MUTABILITY', `The claim ${claim.mapping.claim} can be read and not written.`);
  }
  if (kind === 'remove' || (kind === 'set' && value === '')) return removal(claim, user);
  if (claim.attribute.multiValued)
    return kind === 'add' ? additions(claim, splitValues(value), user) : setting(claim, value, user);
  const held = kind === 'add' ? readClaim(claim, user) : undefined;
  if (held !== undefined && isAmong(value, splitValues(held))) return [];
  const joined = held === undefined ? value : `${held}${CLAIM_SEPARATOR}${value}`;
  return [{ op: 'replace', path: pathOf(claim), value: typedValue(joined, claim) }];
}

function setting(claim: BoundClaim, value: string, user: Resource): readonly Sent[] {
  const elements = elementsOf(claim, attributeOf(claim, user));
  if (claim.mapping.multiValued === true) {
    const wanted = splitValues(value);
    const leaving = elements.filter((element) => !wanted.includes(textOf(element, claim) ?? ''));
    return [...leaving.flatMap((element) => removeElement(element, claim)), ...additions(claim, wanted, user)];
  }
  const [element] = elements;
  if (element === undefined || claim.sub === undefined)
    return [{ op: 'add', path: attributePath(claim), value: [newElement(value, claim, isEmpty(claim, user))] }];
  return [{ op: 'replace', path: `${elementPath(element, claim)}.${claim.sub.name}`, value: typedValue(value, claim) }];
}

function additions(claim: BoundClaim, values: readonly string[], user: Resource): readonly Sent[] {
  const held = elementsOf(claim, attributeOf(claim, user)).map((element) => textOf(element, claim) ?? '');
  const missing = values.filter((value) => !isAmong(value, held));
  if (missing.length === 0) return [];
  return [
    {
      op: 'add',
      path: attributePath(claim),
      value: missing.map((value) => newElement(value, claim, isEmpty(claim, user))),
    },
  ];
}

function removal(claim: BoundClaim, user: Resource): readonly Sent[] {
  const held = attributeOf(claim, user);
  if (held === undefined) return [];
  if (!claim.attribute.multiValued)
    return readClaim(claim, user) === undefined ? [] : [{ op: 'remove', path: pathOf(claim) }];
  const elements = elementsOf(claim, held).filter((element) => textOf(element, claim) !== undefined);
  const leaving = claim.mapping.multiValued === true ? elements : elements.slice(0, 1);
  return leaving.flatMap((element) => removeElement(element, claim));
}

/** An element goes with its `value`, and with the last of its parts: `{"type": "home"}` is no address. */
function removeElement(element: ScimValue, claim: BoundClaim): readonly Sent[] {
  const { sub } = claim;
  const keepsOthers =
    isObject(element) && Object.keys(element).some((name) => name !== sub?.name && !LABELS.includes(name));
  const part = sub === undefined || sub.name === 'value' || !keepsOthers ? '' : `.${sub.name}`;
  return [{ op: 'remove', path: `${elementPath(element, claim)}${part}` }];
}

/** What only says of a value which one it is. */
const LABELS = ['type', 'primary', 'display'];

function isEmpty(claim: BoundClaim, user: Resource): boolean {
  const held = attributeOf(claim, user);
  return !isArray(held) || held.length === 0;
}

/** Selects one element by what it is selected by anyway and by its own value. */
function elementPath(element: ScimValue, claim: BoundClaim): string {
  const value = isObject(element) ? ownValue(element, 'value') : element;
  const conditions = claim.selectors.map(({ name, value: selected }) => `${name} eq ${JSON.stringify(selected)}`);
  if (typeof value === 'string') conditions.push(`value eq ${JSON.stringify(value)}`);
  const type = isObject(element) ? ownValue(element, 'type') : undefined;
  if (conditions.length === 0 && typeof type === 'string') conditions.push(`type eq ${JSON.stringify(type)}`);
  // An address without a type: there is nothing else to know it by.
  if (conditions.length === 0) conditions.push('not (type pr)');
  return `${attributePath(claim)}[${conditions.join(' and ')}]`;
}

function textOf(element: ScimValue, { sub }: BoundClaim): string | undefined {
  const value = sub === undefined ? element : isObject(element) ? ownValue(element, sub.name) : undefined;
  return value === undefined || value === null || typeof value === 'object' ? undefined : String(value);
}

const isAmong = (value: string, held: readonly string[]): boolean =>
  held.some((other) => foldCase(other) === foldCase(value.trim()));
