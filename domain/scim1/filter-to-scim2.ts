import { isProvostError } from '../errors.ts';
import type { Filter } from '../scim/filter/ast.ts';
import { formatFilter } from '../scim/filter/format-filter.ts';
import { LONGEST_FILTER, parseFilter } from '../scim/filter/parse-filter.ts';
import type { Mode } from '../scim/mode.ts';
import type { ResourceTypeDefinition } from '../scim/schema/definition.ts';
import { isStoreName, withoutPrimary } from '../scim/user-store-name.ts';
import { respellName1, toPath2 } from './names.ts';

/**
 * A filter of SCIM 1.1 (REST API 1.1 §3.2.2.1) as one of SCIM 2.0, whose grammar contains it. WSO2's client sends
 * `displayName Eq Sales Team`: operators in any letter case, values without quotes, spaces and all. In strict mode values
 * are in double quotes.
 *
 * @throws ProvostError `INVALID_FILTER`, saying what is wrong at which character
 */
export const filterToScim2 = (text: string, type: ResourceTypeDefinition, mode: Mode = 'tolerant'): string =>
  formatFilter(translate(mode === 'strict' ? parseFilter(text) : read(text, type), type));

function read(text: string, type: ResourceTypeDefinition): Filter {
  try {
    return parseFilter(text, { tolerant: true, respell: (name) => respellName1(name, type) });
  } catch (error) {
    if (!isProvostError(error, 'INVALID_FILTER') || text.length > LONGEST_FILTER) throw error;
    const [, name, operator, value] = /^\s*(\S+)\s+(eq|co|sw)\s+(?=\S)([^"()[\]]+)$/i.exec(text) ?? [];
    if (value === undefined) throw error;
    return parseFilter(`${name} ${operator} ${JSON.stringify(value.trim())}`);
  }
}

function translate(filter: Filter, type: ResourceTypeDefinition): Filter {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return { ...filter, terms: filter.terms.map((term) => translate(term, type)) };
    case 'not':
      return { ...filter, term: translate(filter.term, type) };
    case 'present':
    case 'element':
      return { ...filter, path: toPath2(filter.path, type) };
    case 'compare': {
      const path = toPath2(filter.path, type);
      // `007` without quotes is text, and so is whatever else a number would not come back from as it was written.
      const value =
        typeof filter.value === 'number' && String(filter.value) !== filter.text ? filter.text : filter.value;
      const isName = path.urn === undefined && path.sub === undefined && isStoreName(path.name, type);
      return { ...filter, path, value: isName && typeof value === 'string' ? withoutPrimary(value) : value };
    }
  }
}
