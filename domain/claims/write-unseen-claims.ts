import { isOfAccount } from '../account.ts';
import { ProvostError } from '../errors.ts';
import { normalisePatch } from '../scim/patch/normalise-patch.ts';
import { PATCH_SCHEMA } from '../scim/patch/read-operations.ts';
import type { PatchOperation, ScimValue } from '../scim/resource.ts';
import type { ResourceTypeDefinition } from '../scim/schema/definition.ts';
import { attributePath, newElement, pathOf, splitValues, typedValue } from './claim-element.ts';
import type { ClaimWrite } from './write-claims.ts';

/**
 * Writes of claims of a user who is not kept here, so that nobody knows what he has: each says what is to be there
 * afterwards, whatever was.
 *
 * @throws ProvostError `MUTABILITY`, `INVALID_VALUE`
 */
export function writeUnseenClaims(
  writes: readonly ClaimWrite[],
  type: ResourceTypeDefinition,
): readonly PatchOperation[] {
  const sent = writes.flatMap(operationsOf);
  if (sent.length === 0) return [];
  return normalisePatch({ schemas: [PATCH_SCHEMA], Operations: sent }, type, 'tolerant').operations;
}

type Sent = { readonly op: PatchOperation['op']; readonly path: string; readonly value?: ScimValue };

function operationsOf({ claim, kind, value }: ClaimWrite): readonly Sent[] {
  const { attribute, extension, sub, selectors, mapping } = claim;
  if (!claim.isWritable)
    throw new ProvostError('MUTABILITY', `The claim ${mapping.claim} can be read and not written.`);
  if (isOfAccount(extension, attribute))
    throw new ProvostError(
      'INVALID_VALUE',
      `The claim ${mapping.claim} cannot be written: no users are kept here, so no account stands in any way.`,
    );
  const whole = attributePath(claim);
  const conditions = selectors.map((selector) => `${selector.name} eq ${JSON.stringify(selector.value)}`);
  const selected = conditions.length === 0 ? whole : `${whole}[${conditions.join(' and ')}]`;
  const part = sub === undefined ? '' : `.${sub.name}`;

  if (kind === 'remove' || value === '') {
    if (!attribute.multiValued) return [{ op: 'remove', path: pathOf(claim) }];
    return [{ op: 'remove', path: conditions.length > 0 && sub?.name !== 'value' ? `${selected}${part}` : selected }];
  }
  if (!attribute.multiValued) return [{ op: 'replace', path: pathOf(claim), value: typedValue(value, claim) }];
  const elements = (values: readonly string[], isFirst: boolean): readonly ScimValue[] =>
    values.map((one) => newElement(one, claim, isFirst));
  if (kind === 'add') return [{ op: 'add', path: whole, value: elements(splitValues(value), false) }];
  if (mapping.multiValued === true) {
    const values = elements(splitValues(value), false);
    if (conditions.length === 0) return [{ op: 'replace', path: whole, value: values }];
    return [
      { op: 'remove', path: selected },
      { op: 'add', path: whole, value: values },
    ];
  }
  if (conditions.length === 0) return [{ op: 'replace', path: whole, value: elements([value], true) }];
  return [{ op: 'replace', path: `${selected}${part}`, value: typedValue(value, claim) }];
}
