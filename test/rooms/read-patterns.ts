/** Behind these a slash begins a pattern; behind anything else it divides. */
const BEFORE_A_PATTERN = new Set([...'(,=:[!&|?{};>+', '']);

/** The regular expressions in a source as they are written, `/…/flags`. Comments and texts are passed over. */
export function readPatterns(source: string): string[] {
  const found: string[] = [];
  readCode(source, 0, found);
  return found;
}

/** Reads code up to the brace that ends it, inside a template text; else to the end. @returns where that is */
function readCode(source: string, from: number, found: string[]): number {
  let before = '';
  let open = 0;
  for (let at = from; at < source.length; ) {
    const character = source.charAt(at);
    const two = source.slice(at, at + 2);
    if (two === '//' || two === '/*') {
      at = two === '//' ? ending(source, '\n', at) : ending(source, '*/', at + 2);
      continue;
    }
    if (character === '{') open += 1;
    if (character === '}' && --open < 0) return at + 1;
    if (/\s/.test(character)) {
      at += 1;
      continue;
    }
    const start = at;
    if (character === "'" || character === '"') at = endOfText(source, at);
    else if (character === '`') at = readTemplate(source, at + 1, found);
    else if (character === '/' && BEFORE_A_PATTERN.has(before)) {
      at = endOfPattern(source, at);
      found.push(source.slice(start, at));
    } else at += 1;
    before = source.charAt(at - 1);
  }
  return source.length;
}

function readTemplate(source: string, from: number, found: string[]): number {
  for (let at = from; at < source.length; at += 1) {
    if (source.charAt(at) === '\\') at += 1;
    else if (source.charAt(at) === '`') return at + 1;
    else if (source.startsWith('${', at)) at = readCode(source, at + 2, found) - 1;
  }
  return source.length;
}

function ending(source: string, mark: string, from: number): number {
  const at = source.indexOf(mark, from);
  return at === -1 ? source.length : at + mark.length;
}

function endOfText(source: string, from: number): number {
  for (let at = from + 1; at < source.length; at += 1) {
    if (source.charAt(at) === '\\') at += 1;
    else if (source.charAt(at) === source.charAt(from)) return at + 1;
  }
  return source.length;
}

function endOfPattern(source: string, from: number): number {
  let isInClass = false;
  for (let at = from + 1; at < source.length; at += 1) {
    const character = source.charAt(at);
    if (character === '\\') at += 1;
    else if (character === '[') isInClass = true;
    else if (character === ']') isInClass = false;
    else if (character === '/' && !isInClass) return at + 1 + (/^[a-z]*/.exec(source.slice(at + 1))?.[0].length ?? 0);
  }
  return source.length;
}
