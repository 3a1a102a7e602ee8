/** One import of a file, as it is written. */
export interface Import {
  readonly specifier: string;
  /** Whether it is gone when the program runs. */
  readonly isType: boolean;
}

const SPECIFIER = String.raw`(?:'([^'\n]*)'|"([^"\n]*)")`;
const STATEMENT = new RegExp(String.raw`(?:^|[;}])\s*(?:import|export)\s+([^'"\`;]*?)\bfrom\s*${SPECIFIER}`, 'gm');
const BARE = new RegExp(String.raw`(?:^|;)\s*import\s*${SPECIFIER}`, 'gm');
const CALL = /\bimport\s*\(\s*([^),]*)/g;
const MODULE_TYPE = /\btypeof\s*$/;

/**
 * What a file imports: statements, re-exports, and calls of `import(…)`. The formatter keeps statements at the beginning
 * of a line, which is what makes a parser needless.
 *
 * @throws where a call computes what it imports, because nobody could say then where the arrow goes
 */
export function readImports(source: string): Import[] {
  const code = withoutComments(source);
  return [
    ...[...code.matchAll(STATEMENT)].map(([, names = '', single, double]) => ({
      specifier: single ?? double ?? '',
      isType: isOnlyTypes(names),
    })),
    ...[...code.matchAll(BARE)].map(([, single, double]) => ({ specifier: single ?? double ?? '', isType: false })),
    ...[...code.matchAll(CALL)].map(({ 1: argument = '', index }) => {
      const [, single, double] = new RegExp(`^${SPECIFIER}$`).exec(argument.trim()) ?? [];
      const specifier = single ?? double;
      if (specifier === undefined) throw new Error(`an import of ${argument} computes what it imports`);
      return { specifier, isType: MODULE_TYPE.test(code.slice(0, index)) };
    }),
  ];
}

/** `type X`, `type { X }`, and `{ type X, type Y }`. */
function isOnlyTypes(names: string): boolean {
  const text = names.trim();
  if (/^type\s+(?!from\b)/.test(text)) return true;
  const listed = /^\{([\s\S]*)\}$/.exec(text)?.[1];
  if (listed === undefined) return false;
  const parts = listed
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  return parts.length > 0 && parts.every((part) => part.startsWith('type '));
}

/** Strings are stepped over, so that `'http://…'` doesn't begin a comment. */
const withoutComments = (source: string): string =>
  source.replace(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, (match) =>
    match.startsWith('/') ? ' ' : match,
  );
