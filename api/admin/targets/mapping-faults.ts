import { isProvostError } from '../../../domain/errors.ts';
import { compileValue } from '../../../domain/mapping/compile-value.ts';
import { type Mapping, type MappingRule, rulesFor } from '../../../domain/mapping/mapping.ts';
import { topOf } from '../../../domain/mapping/paths.ts';
import type { Policy, Target } from '../../../domain/policy.ts';
import type { ResourceTypeDefinition } from '../../../domain/scim/schema/definition.ts';
import { findCoreAttribute, findExtension } from '../../../domain/scim/schema/find-attribute.ts';
import { resourceTypeNamed } from '../../../domain/scim/schema/tenant-types.ts';

interface Fault {
  readonly path: string;
  readonly message: string;
}

/**
 * What is wrong with a mapping that only the tenant's schemas can tell: an attribute that nobody has, an expression that
 * does not compile, accounts that are matched by what is never sent.
 */
export function mappingFaults(
  mapping: Mapping,
  { matchBy, resourceTypes, matching }: Pick<Target, 'matchBy' | 'resourceTypes' | 'matching'>,
  policy: Policy,
): Fault[] {
  const rules = mapping.rules ?? [];
  const found = rules.flatMap((rule, index) => {
    const types = rule.for === undefined ? resourceTypes : [rule.for];
    // A rule may be meant for one of the types that the target takes: it has to make sense for one.
    const faults = types.map((name) => ruleFault(rule, resourceTypeNamed(policy, name)));
    const [first] = faults;
    return first === undefined || faults.includes(undefined)
      ? []
      : [{ path: `mapping.rules[${index}].${first.field}`, message: first.message }];
  });
  return [...found, ...(matching === undefined ? matchFaults(mapping, matchBy, resourceTypes) : [])];
}

function ruleFault(
  rule: MappingRule,
  type: ResourceTypeDefinition,
): { readonly field: string; readonly message: string } | undefined {
  if ('source' in rule) return attributeFault('source', rule.source, type);
  if ('reference' in rule) return attributeFault('reference', rule.reference, type);
  const texts = 'expression' in rule ? [rule.expression] : 'unique' in rule ? rule.unique : [];
  for (const [index, text] of texts.entries()) {
    try {
      compileValue(text, type);
    } catch (error) {
      if (!isProvostError(error)) throw error;
      return { field: 'unique' in rule ? `unique[${index}]` : 'expression', message: error.message };
    }
  }
  return undefined;
}

function attributeFault(field: string, path: string, type: ResourceTypeDefinition) {
  const top = topOf(path);
  if (top === 'id') return undefined;
  const known = top.includes(':') ? findExtension(type, top) : findCoreAttribute(type, top);
  return known === undefined ? { field, message: `A ${type.name} has no attribute ${top}.` } : undefined;
}

function matchFaults(mapping: Mapping, matchBy: string, resourceTypes: readonly string[]): Fault[] {
  if (mapping.kind !== 'rules' || !resourceTypes.includes('User')) return [];
  const filled = rulesFor(mapping, 'User').some(({ target }) => matchBy === target || matchBy.startsWith(`${target}.`));
  if (filled) return [];
  return [
    { path: 'matchBy', message: `No rule fills ${matchBy}: an account that is there already would never be found.` },
  ];
}
