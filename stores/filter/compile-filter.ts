import type {
  ResolvedCompare,
  ResolvedElement,
  ResolvedFilter,
  ResolvedLogical,
  ResolvedPath,
  ResolvedPresent,
} from '../../domain/scim/filter/resolved.ts';
import { encodeKey } from '../../domain/scim/stored-form.ts';
import { beginsWith, contains, endsWith } from './text-patterns.ts';

/** A MongoDB query document over a stored resource. */
export type StoreQuery = Readonly<Record<string, unknown>>;

/** A term about one attribute, as opposed to one that joins others. */
export type ResolvedTerm = ResolvedCompare | ResolvedPresent | ResolvedElement;

export interface CompileOptions {
  /** Queries of terms whose attribute is not in the shadow, by term: what `answerVirtual` returns. */
  readonly answers?: ReadonlyMap<ResolvedTerm, StoreQuery>;
}

/**
 * The MongoDB query of a filter, over the shadow `k` that is stored beside each resource. The same meaning as
 * domain/scim/filter/matches-filter.ts. `eq`, ranges and `sw` are such that an index on the attribute serves them; `co`,
 * `ew`, `ne` and `not` read what the rest of the query leaves.
 *
 * @example
 * compileFilter(resolveFilter(parseFilter('userName eq "BJensen"'), USER_TYPE)); // { 'k.userName': 'bjensen' }
 */
export function compileFilter(filter: ResolvedFilter, options: CompileOptions = {}): StoreQuery {
  return compile(filter, fieldAtRoot, options.answers);
}

/** Name of the stored field that a path leads to: from the document's root, or from an element. */
type NameField = (keys: readonly string[]) => string;

/** The id is the document's own key; everything else is in the shadow. */
export const fieldAtRoot: NameField = (keys) =>
  keys.length === 1 && keys[0] === 'id' ? '_id' : `k.${fieldInElement(keys)}`;

const fieldInElement: NameField = (keys) => keys.map(encodeKey).join('.');

/** Selects nothing, at the root and within an element, on every server. */
const NEVER: StoreQuery = { _never: { $in: [] } };

function compile(filter: ResolvedFilter, field: NameField, answers: CompileOptions['answers']): StoreQuery {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return joined(filter, field, answers);
    case 'not':
      return { $nor: [compile(filter.term, field, answers)] };
    case 'present':
      return answers?.get(filter) ?? { [field(filter.path.keys)]: { $exists: true } };
    case 'element':
      return (
        answers?.get(filter) ?? {
          [field(filter.path.keys)]: { $elemMatch: compile(filter.filter, fieldInElement, undefined) },
        }
      );
    case 'compare':
      return answers?.get(filter) ?? compared(filter, field);
  }
}

function joined({ kind, terms }: ResolvedLogical, field: NameField, answers: CompileOptions['answers']): StoreQuery {
  if (terms.length === 0) return kind === 'and' ? {} : NEVER;
  const queries =
    kind === 'or' ? alternatives(terms, field, answers) : terms.map((term) => compile(term, field, answers));
  const [only, ...others] = queries;
  return only !== undefined && others.length === 0 ? only : { [kind === 'and' ? '$and' : '$or']: queries };
}

/** `a eq 1 or a eq 2` as one `$in`: one look at the index for all of them. */
function alternatives(
  terms: readonly ResolvedFilter[],
  field: NameField,
  answers: CompileOptions['answers'],
): StoreQuery[] {
  const values = new Map<string, unknown[]>();
  const others: StoreQuery[] = [];
  for (const term of terms) {
    if (term.kind !== 'compare' || term.operator !== 'eq' || answers?.has(term)) {
      others.push(compile(term, field, answers));
      continue;
    }
    const name = field(term.path.keys);
    const known = values.get(name);
    if (known === undefined) values.set(name, [term.value]);
    else known.push(term.value);
  }
  const equalities = [...values].map(([name, wanted]) => ({
    [name]: wanted.length === 1 ? wanted[0] : { $in: wanted },
  }));
  return [...equalities, ...others];
}

function compared(term: ResolvedCompare, field: NameField): StoreQuery {
  const { path, value } = term;
  if (term.operator === 'ne') return differs(path, value, field);
  return { [field(path.keys)]: test(term) };
}

/** On a field of an array of elements it holds where it holds for any, as SCIM wants it. */
function test({ operator, value }: ResolvedCompare): unknown {
  switch (operator) {
    case 'co':
      return contains(String(value));
    case 'sw':
      return beginsWith(String(value));
    case 'ew':
      return endsWith(String(value));
    case 'gt':
    case 'lt':
      return { [`$${operator}`]: value };
    case 'ge':
      return { $gte: value };
    case 'le':
      return { $lte: value };
    default:
      return value;
  }
}

/** Any value is another, or there is none. `$ne` alone says of an array that no element is equal, which is `not (… eq …)`. */
function differs(path: ResolvedPath, value: unknown, field: NameField): StoreQuery {
  if (path.arrayAt === undefined) return { [field(path.keys)]: { $ne: value } };
  const array = field(path.keys.slice(0, path.arrayAt));
  const rest = path.keys.slice(path.arrayAt);
  const element = rest.length === 0 ? { $ne: value } : { [fieldInElement(rest)]: { $ne: value } };
  return { $or: [{ [array]: { $exists: false } }, { [array]: { $elemMatch: element } }] };
}
