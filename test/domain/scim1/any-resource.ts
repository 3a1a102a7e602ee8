import fc from 'fast-check';
import type { Resource, ScimObject, ScimValue } from '../../../domain/scim/resource.ts';
import { declareSchemas } from '../../../domain/scim/schema/declare-schemas.ts';
import type { AttributeDefinition, ResourceTypeDefinition } from '../../../domain/scim/schema/definition.ts';
import { isServerComputed } from '../../../domain/scim/schema/find-attribute.ts';
import { isReference } from '../../../domain/scim/values/parse-reference.ts';

/** Whatever a resource of the type may hold, by its schema. */
export function anyResource(type: ResourceTypeDefinition): fc.Arbitrary<Resource> {
  const extensions = Object.fromEntries(type.extensions.map(({ schema }) => [schema.id, anyObject(schema.attributes)]));
  return fc
    .tuple(anyObject(type.schema.attributes), fc.record(extensions, { requiredKeys: [] }))
    .map(([core, extension]) => declareSchemas({ ...core, ...extension } as ScimObject, type));
}

function anyObject(attributes: readonly AttributeDefinition[]): fc.Arbitrary<ScimObject> {
  const kept = attributes.filter((one) => !isServerComputed(one) && one.mutability !== 'writeOnly');
  const parts = Object.fromEntries(kept.map((one) => [one.name, anyValue(one)]));
  const requiredKeys = kept.filter(({ required }) => required).map(({ name }) => name);
  return fc
    .record(parts, { requiredKeys })
    .filter((object) => Object.keys(object).length > 0) as fc.Arbitrary<ScimObject>;
}

function anyValue(attribute: AttributeDefinition): fc.Arbitrary<ScimValue> {
  // What refers to nobody is no reference.
  const subAttributes = (attribute.subAttributes ?? []).map((sub) =>
    isReference(attribute) && sub.name === 'value' ? { ...sub, required: true } : sub,
  );
  const one = attribute.type === 'complex' ? anyObject(subAttributes) : anyScalar(attribute);
  return attribute.multiValued
    ? fc.uniqueArray(one, { minLength: 1, maxLength: 3, selector: (value) => JSON.stringify(value) })
    : one;
}

function anyScalar({ type, name, required, uniqueness }: AttributeDefinition): fc.Arbitrary<ScimValue> {
  if (type === 'boolean') return name === 'primary' ? fc.constant(false) : fc.boolean();
  if (type === 'binary')
    return fc.uint8Array({ minLength: 1, maxLength: 9 }).map((bytes) => Buffer.from(bytes).toString('base64'));
  // A slash in a name would address a user store; most control characters cannot be said in XML.
  return (
    fc
      .string({ unit: 'grapheme', minLength: required ? 1 : 0, maxLength: 12 })
      .map((text) => text.replaceAll('/', '-').replace(/[^\P{Cc}\t\n\r]/gu, '-'))
      // Blanks around what tells resources apart are no part of it.
      .map((text) => (uniqueness === 'none' ? text : text.trim() || 'x'))
  );
}
