import { isProvostError, type ProvostError } from '../../domain/errors.ts';
import type { TenantId } from '../../domain/ids.ts';
import { respellName } from '../../domain/scim/attribute-path.ts';
import type { Filter } from '../../domain/scim/filter/ast.ts';
import { parseFilter } from '../../domain/scim/filter/parse-filter.ts';
import { resolveFilter } from '../../domain/scim/filter/resolve-filter.ts';
import type { ResolvedFilter } from '../../domain/scim/filter/resolved.ts';
import { withoutStore } from '../../domain/scim/filter/without-store.ts';
import type { Mode } from '../../domain/scim/mode.ts';
import type { ResourceTypeDefinition } from '../../domain/scim/schema/definition.ts';
import { compileFilter } from '../../stores/filter/compile-filter.ts';
import { answerVirtual, type VirtualAttributes } from '../../stores/filter/virtual-attributes.ts';
import type { TypeQuery } from '../../stores/list/list-query.ts';

export interface FilterDependencies {
  /** Attributes of a resource type that are not stored with the resource and may be filtered by all the same. */
  readonly virtual?: (tenant: TenantId, type: ResourceTypeDefinition) => VirtualAttributes | undefined;
}

/**
 * What a filter selects of each type.
 *
 * @throws ProvostError `INVALID_FILTER`, where it makes sense for none of them
 */
export async function queriesFor(
  text: string | undefined,
  tenant: TenantId,
  types: readonly ResourceTypeDefinition[],
  mode: Mode,
  { virtual }: FilterDependencies,
): Promise<TypeQuery[]> {
  if (text === undefined) return types.map(({ name }) => ({ type: name, query: {} }));
  const filter = parseFilter(text, mode === 'strict' ? {} : { tolerant: true, respell: respellerOf(types) });
  const resolved = types.length === 1 ? resolveForOne(filter, types, mode) : resolveAcross(filter, types, mode);
  return Promise.all(
    resolved.map(async ({ type, filter: bound }) => {
      const attributes = virtual?.(tenant, type);
      const answers = attributes === undefined ? undefined : await answerVirtual(bound, attributes);
      return { type: type.name, query: compileFilter(bound, answers === undefined ? {} : { answers }) };
    }),
  );
}

/** Of several types the first that knows the name in another spelling. */
const respellerOf =
  (types: readonly ResourceTypeDefinition[]) =>
  (name: string): string =>
    types.map((type) => respellName(name, type)).find((respelt) => respelt !== name) ?? name;

/** Whether a filter that was understood is one that a strict reader would refuse. */
export function isLooseFilter(text: string, types: readonly ResourceTypeDefinition[]): boolean {
  try {
    const filter = parseFilter(text);
    if (types.length === 1) resolveForOne(filter, types, 'strict');
    else resolveAcross(filter, types, 'strict');
    return false;
  } catch {
    return true;
  }
}

interface BoundFilter {
  readonly type: ResourceTypeDefinition;
  readonly filter: ResolvedFilter;
}

const resolveForOne = (filter: Filter, types: readonly ResourceTypeDefinition[], mode: Mode): BoundFilter[] =>
  types.map((type) => ({ type, filter: resolveNamed(filter, type, mode) }));

const resolveNamed = (filter: Filter, type: ResourceTypeDefinition, mode: Mode): ResolvedFilter =>
  resolveFilter(mode === 'strict' ? filter : withoutStore(filter, type), type, { mode });

/**
 * Across types, a resource of a type that has no such attribute is one without a value (RFC 7644 §3.4.2.1). What no type
 * has is a mistake.
 */
function resolveAcross(filter: Filter, types: readonly ResourceTypeDefinition[], mode: Mode): BoundFilter[] {
  const problems = new Map<Filter, ProvostError[]>();
  const bind = (node: Filter, type: ResourceTypeDefinition): ResolvedFilter => {
    if (node.kind === 'and' || node.kind === 'or')
      return { kind: node.kind, terms: node.terms.map((term) => bind(term, type)) };
    if (node.kind === 'not') return { kind: 'not', term: bind(node.term, type) };
    try {
      return resolveNamed(node, type, mode);
    } catch (error) {
      if (!isProvostError(error, 'INVALID_FILTER')) throw error;
      problems.set(node, [...(problems.get(node) ?? []), error]);
      const holdsWithoutValue = node.kind === 'compare' && node.operator === 'ne';
      return { kind: holdsWithoutValue ? 'and' : 'or', terms: [] };
    }
  };
  const bound = types.map((type) => ({ type, filter: bind(filter, type) }));
  for (const found of problems.values()) if (found.length === types.length && found[0] !== undefined) throw found[0];
  return bound;
}
