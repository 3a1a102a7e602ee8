import { ProvostError } from '../../errors.ts';
import { type AttributePath, type BoundPath, bindPath } from '../attribute-path.ts';
import type { Mode } from '../mode.ts';
import type { AttributeDefinition, ResourceTypeDefinition } from '../schema/definition.ts';
import { findAttribute, findExtension } from '../schema/find-attribute.ts';
import { isSearchable } from '../shadow.ts';
import { nameForMessage } from '../values/parse-value.ts';
import type { CompareNode, Filter } from './ast.ts';
import { resolveComparison } from './resolve-comparison.ts';
import type { ResolvedFilter, ResolvedPath } from './resolved.ts';

/** Default `tolerant`: strings that hold a boolean or a number are taken for one where the attribute wants one. */
export interface ResolveOptions {
  readonly mode?: Mode;
}

/**
 * Binds a filter to a resource type: every name to an attribute, every value to that attribute's type.
 *
 * @throws ProvostError `INVALID_FILTER`: an unknown attribute, or an operator or value that does not suit it
 */
export function resolveFilter(
  filter: Filter,
  type: ResourceTypeDefinition,
  options: ResolveOptions = {},
): ResolvedFilter {
  const isStrict = options.mode === 'strict';
  return resolve(filter, isStrict, (path, node) => resolveRoot(path, node, type));
}

/** Binds a filter on the elements of one multi-valued attribute, as in a PATCH path; `value` means a simple element itself. */
export function resolveElementFilter(filter: Filter, attribute: AttributeDefinition, mode: Mode): ResolvedFilter {
  return resolve(filter, mode === 'strict', (path, node) => resolveInElement(path, node, attribute));
}

type FindPath = (path: AttributePath, node: Filter) => ResolvedPath;

function resolve(filter: Filter, isStrict: boolean, find: FindPath): ResolvedFilter {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return { kind: filter.kind, terms: filter.terms.map((term) => resolve(term, isStrict, find)) };
    case 'not':
      return { kind: 'not', term: resolve(filter.term, isStrict, find) };
    case 'present':
      return { kind: 'present', path: find(filter.path, filter) };
    case 'compare':
      return resolveComparison(filter, comparedPath(find(filter.path, filter), filter), isStrict);
    case 'element': {
      const path = find(filter.path, filter);
      const { attribute } = path;
      if (!attribute.multiValued || attribute.type !== 'complex')
        throw fail(filter, 'is not a complex attribute with several values');
      return {
        kind: 'element',
        path,
        filter: resolve(filter.filter, isStrict, (inner, node) => resolveInElement(inner, node, attribute)),
      };
    }
  }
}

function resolveRoot(path: AttributePath, node: Filter, type: ResourceTypeDefinition): ResolvedPath {
  const bound = bindPath(path, type);
  if (bound !== undefined) return rootPath(bound, node);
  // `urn:…:enterprise:2.0:User pr` asks for the extension as a whole.
  const extension = node.kind === 'present' ? findExtension(type, written(path)) : undefined;
  if (extension === undefined) throw fail(node, `is not an attribute of ${type.name}`);
  return { keys: [extension.id], attribute: EXTENSION };
}

/** Stands for an extension as a whole, which has no definition of its own. */
const EXTENSION: AttributeDefinition = {
  name: 'extension',
  type: 'complex',
  multiValued: false,
  description: 'An extension.',
  required: false,
  caseExact: false,
  mutability: 'readWrite',
  returned: 'default',
  uniqueness: 'none',
};

function rootPath({ extension, attribute, sub }: BoundPath, node: Filter): ResolvedPath {
  const leaf = sub ?? attribute;
  if (!isSearchable(attribute) || !isSearchable(leaf)) throw fail(node, 'cannot be searched');
  const top = [...(extension === undefined ? [] : [extension]), attribute.name];
  return {
    keys: sub === undefined ? top : [...top, sub.name],
    ...(attribute.multiValued ? { arrayAt: top.length } : {}),
    attribute: leaf,
  };
}

function resolveInElement(path: AttributePath, node: Filter, attribute: AttributeDefinition): ResolvedPath {
  const isPlain = path.urn === undefined && path.sub === undefined;
  if (isPlain && attribute.subAttributes === undefined && path.name.toLowerCase() === 'value')
    return { keys: [], attribute };
  const sub = isPlain ? findAttribute(attribute.subAttributes, path.name) : undefined;
  if (sub === undefined) throw fail(node, `is not a sub-attribute of ${attribute.name}`);
  if (!isSearchable(sub)) throw fail(node, 'cannot be searched');
  return { keys: [sub.name], attribute: sub };
}

/** A complex attribute is compared by its `value` (RFC 7644 §3.4.2.2: `emails co "example.com"`). */
function comparedPath(path: ResolvedPath, node: CompareNode): ResolvedPath {
  if (path.attribute.type !== 'complex') return path;
  const value = findAttribute(path.attribute.subAttributes, 'value');
  if (value === undefined) throw fail(node, 'is complex: compare one of its sub-attributes');
  return { ...path, keys: [...path.keys, value.name], attribute: value };
}

const written = ({ urn, name, sub }: AttributePath): string =>
  `${urn === undefined ? '' : `${urn}:`}${name}${sub === undefined ? '' : `.${sub}`}`;

function fail(node: Filter, problem: string): ProvostError {
  const name = 'path' in node ? nameForMessage(written(node.path)) : '';
  return new ProvostError('INVALID_FILTER', `${name} at character ${node.position} ${problem}.`, { path: name });
}
