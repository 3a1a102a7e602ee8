import type { SchemaProblem } from './check-schema.ts';
import type { AttributeDefinition, SchemaDefinition } from './definition.ts';

/** Traits that stored values and their keys were made by. */
const FIXED = ['type', 'multiValued', 'caseExact', 'uniqueness'] as const;

/**
 * What of an edit to a schema would make resources that exist wrong: they hold what goes away, lack what is now
 * required, or are found by keys made in another way. Everything else may change at any time.
 */
export function narrowingProblems(before: SchemaDefinition, after: SchemaDefinition): readonly SchemaProblem[] {
  return narrowed(before.attributes, after.attributes, 'attributes');
}

function narrowed(
  before: readonly AttributeDefinition[],
  after: readonly AttributeDefinition[],
  place: string,
): SchemaProblem[] {
  const gone = before
    .filter(({ name }) => !after.some((attribute) => attribute.name === name))
    .map(({ name }) => ({ path: place, message: `Resources exist that may have ${name}: it has to stay.` }));
  const changed = after.flatMap((attribute, index) => {
    const held = before.find(({ name }) => name === attribute.name);
    return narrowedAttribute(held, attribute, `${place}[${index}]`);
  });
  return [...gone, ...changed];
}

function narrowedAttribute(
  held: AttributeDefinition | undefined,
  attribute: AttributeDefinition,
  path: string,
): SchemaProblem[] {
  const required =
    attribute.required && held?.required !== true
      ? [{ path: `${path}.required`, message: 'Resources exist without it: it cannot be required.' }]
      : [];
  if (held === undefined) return required;
  const fixed = FIXED.filter((trait) => held[trait] !== attribute[trait]).map((trait) => ({
    path: `${path}.${trait}`,
    message: `Resources exist: it has to stay ${String(held[trait])}.`,
  }));
  const subs = narrowed(held.subAttributes ?? [], attribute.subAttributes ?? [], `${path}.subAttributes`);
  return [...required, ...fixed, ...subs];
}
