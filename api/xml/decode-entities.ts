import { ProvostError } from '../../domain/errors.ts';

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/**
 * Character data with the entities of XML 1.0 §4.6 and character references replaced; each once, so nothing grows.
 *
 * @throws ProvostError `INVALID_SYNTAX` for any other entity, and for characters that XML does not allow
 */
export function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(#x?)?([^&;\s]{0,32})(;?)/g, (_whole, mark: string | undefined, name: string, end: string) => {
    if (end === '') throw unknownEntity();
    return mark === undefined ? named(name) : character(name, mark === '#x' ? 16 : 10);
  });
}

function named(name: string): string {
  const value = Object.hasOwn(NAMED, name) ? NAMED[name] : undefined;
  if (value === undefined) throw unknownEntity();
  return value;
}

function character(digits: string, base: 10 | 16): string {
  const point = (base === 16 ? /^[0-9a-f]{1,6}$/i : /^\d{1,7}$/).test(digits)
    ? Number.parseInt(digits, base)
    : Number.NaN;
  if (!isXmlCharacter(point)) throw unknownEntity();
  return String.fromCodePoint(point);
}

/** XML 1.0 §2.2. */
const isXmlCharacter = (point: number): boolean =>
  point === 0x9 ||
  point === 0xa ||
  point === 0xd ||
  (point >= 0x20 && point <= 0xd7ff) ||
  (point >= 0xe000 && point <= 0xfffd) ||
  (point >= 0x10000 && point <= 0x10ffff);

const unknownEntity = (): ProvostError =>
  new ProvostError(
    'INVALID_SYNTAX',
    'The XML has an entity other than amp, lt, gt, quot, apos and characters by number.',
  );
