import type { ResourceTypeDefinition } from '../schema/definition.ts';
import { isStoreName, withoutPrimary } from '../user-store-name.ts';
import type { Filter } from './ast.ts';

/** The filter with names as they are stored: WSO2's clients put the primary user store's domain before them. */
export function withoutStore(filter: Filter, type: ResourceTypeDefinition): Filter {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return { ...filter, terms: filter.terms.map((term) => withoutStore(term, type)) };
    case 'not':
      return { ...filter, term: withoutStore(filter.term, type) };
    case 'present':
    case 'element':
      return filter;
    case 'compare': {
      const { path, value } = filter;
      const isName = path.sub === undefined && isStoreName(path.name, type);
      if (!isName || typeof value !== 'string') return filter;
      const name = withoutPrimary(value);
      return { ...filter, value: name, text: name };
    }
  }
}
