import type { AttributePath } from '../attribute-path.ts';
import type { Filter } from './ast.ts';

/** A filter as text that {@link parseFilter} reads as the same filter. */
export function formatFilter(filter: Filter): string {
  switch (filter.kind) {
    case 'and':
      return filter.terms
        .map((term) => (term.kind === 'or' || term.kind === 'and' ? group(term) : formatFilter(term)))
        .join(' and ');
    case 'or':
      return filter.terms.map((term) => (term.kind === 'or' ? group(term) : formatFilter(term))).join(' or ');
    case 'not':
      return `not ${group(filter.term)}`;
    case 'present':
      return `${formatName(filter.path)} pr`;
    case 'element':
      return `${formatName(filter.path)}[${formatFilter(filter.filter)}]`;
    case 'compare':
      return `${formatName(filter.path)} ${filter.operator} ${JSON.stringify(filter.value)}`;
  }
}

const group = (filter: Filter): string => `(${formatFilter(filter)})`;

const formatName = ({ urn, name, sub }: AttributePath): string =>
  `${urn === undefined ? '' : `${urn}:`}${name}${sub === undefined ? '' : `.${sub}`}`;
