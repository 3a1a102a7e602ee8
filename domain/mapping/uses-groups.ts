import { isProvostError } from '../errors.ts';
import { compiledValue } from './compile-value.ts';
import { type Mapping, rulesFor } from './mapping.ts';

/** Whether what a mapping gives can change with the groups that a resource is in. */
export const mappingUsesGroups = (mapping: Mapping, resourceType: string): boolean =>
  rulesFor(mapping, resourceType)
    .flatMap((rule) => ('expression' in rule ? [rule.expression] : 'unique' in rule ? rule.unique : []))
    .some(usesGroups);

function usesGroups(text: string): boolean {
  try {
    return compiledValue(text).usesGroups;
  } catch (error) {
    if (isProvostError(error)) return false;
    throw error;
  }
}
