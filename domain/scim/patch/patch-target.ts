import { type BoundPath, bindPath, formatPath, respellName } from '../attribute-path.ts';
import type { Filter } from '../filter/ast.ts';
import { formatFilter } from '../filter/format-filter.ts';
import { parsePath } from '../filter/parse-filter.ts';
import { resolveComparison } from '../filter/resolve-comparison.ts';
import { resolveElementFilter } from '../filter/resolve-filter.ts';
import type { ResolvedFilter } from '../filter/resolved.ts';
import type { Mode } from '../mode.ts';
import type { AttributeDefinition, ResourceTypeDefinition, SchemaDefinition } from '../schema/definition.ts';
import { findAttribute, findExtension, isCoreSchema } from '../schema/find-attribute.ts';

/** Where in a resource an operation works (RFC 7644 §3.5.2): an attribute, some of its elements, a sub-attribute. */
export interface AttributeTarget extends BoundPath {
  readonly kind: 'attribute';
  /** Selects elements; only where the attribute is multi-valued. */
  readonly filter?: ResolvedFilter;
  /** In the schema's spelling; {@link readTarget} reads it as the same target. */
  readonly path: string;
}

export type PatchTarget =
  | AttributeTarget
  | { readonly kind: 'extension'; readonly schema: SchemaDefinition; readonly path: string }
  /** The resource itself, named by the URN of its core schema. */
  | { readonly kind: 'resource' };

/** A path is read twice, and the second time it may have grown by quotes and spaces. */
const MAX_LENGTH = 8_192;

/**
 * Understands a PATCH path.
 *
 * @returns undefined where the path is well-formed but the resource type has nothing of that name
 * @throws ProvostError `INVALID_PATH` (not a path), `INVALID_FILTER` (its filter does not suit the attribute)
 */
export function readTarget(
  text: string,
  type: ResourceTypeDefinition,
  mode: Mode,
  maxLength: number = MAX_LENGTH,
): PatchTarget | undefined {
  const isStrict = mode === 'strict';
  const name = isStrict ? text : respellName(text.trim(), type);
  const urn = name.trim();
  if (isCoreSchema(type, urn)) return { kind: 'resource' };
  const schema = findExtension(type, urn);
  if (schema !== undefined) return { kind: 'extension', schema, path: schema.id };

  const { path, filter } = parsePath(name, { tolerant: !isStrict, maxLength, maxDepth: 10, maxTerms: 20 });
  const bound = bindPath(path, type);
  if (bound === undefined) return undefined;
  const { sub, ...whole } = bound;
  if (filter === undefined) return { kind: 'attribute', ...bound, path: formatPath(bound) };
  const { attribute } = bound;
  if (!attribute.multiValued) return undefined;
  const resolved = resolveElementFilter(filter, attribute, mode);
  const spelt = formatFilter(respell(filter, attribute, mode));
  const subName = sub === undefined ? '' : `.${sub.name}`;
  return { kind: 'attribute', ...bound, filter: resolved, path: `${formatPath(whole)}[${spelt}]${subName}` };
}

/** The filter in the schema's spelling, its values of the attributes' types. It has been resolved, so every name is known. */
function respell(filter: Filter, attribute: AttributeDefinition, mode: Mode): Filter {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return { ...filter, terms: filter.terms.map((term) => respell(term, attribute, mode)) };
    case 'not':
      return { ...filter, term: respell(filter.term, attribute, mode) };
    case 'element':
      return filter;
    case 'present':
      return { ...filter, path: { name: spellingOf(filter.path.name, attribute) } };
    case 'compare': {
      const sub = findAttribute(attribute.subAttributes, filter.path.name) ?? attribute;
      const resolved = resolveComparison(filter, { keys: [], attribute: sub }, mode === 'strict');
      const value = resolved.kind === 'compare' ? resolved.raw : filter.value;
      return { ...filter, value, path: { name: spellingOf(filter.path.name, attribute) } };
    }
  }
}

const spellingOf = (name: string, attribute: AttributeDefinition): string =>
  findAttribute(attribute.subAttributes, name)?.name ?? 'value';
