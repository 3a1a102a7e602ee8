/** What {@link writeXml} writes: a name as it is to appear, with its prefix if it has one. */
export interface XmlOutput {
  readonly name: string;
  readonly attributes?: Readonly<Record<string, string>>;
  /** Elements, or the text of a leaf. */
  readonly content: readonly XmlOutput[] | string;
}

/** An XML document of a tree. Names are the caller's own; every value is escaped. */
export const writeXml = (root: XmlOutput): string => `<?xml version="1.0" encoding="UTF-8"?>\n${writeElement(root)}`;

/** One element, without declaration. */
export function writeElement({ name, attributes = {}, content }: XmlOutput): string {
  const open = [name, ...Object.entries(attributes).map(([key, value]) => `${key}="${escapeXml(value)}"`)].join(' ');
  const inner = typeof content === 'string' ? escapeXml(content) : content.map(writeElement).join('');
  return inner === '' ? `<${open}/>` : `<${open}>${inner}</${name}>`;
}

/** Text as it may stand in an element or an attribute. Line ends survive; what XML 1.0 cannot say becomes U+FFFD. */
export const escapeXml = (text: string): string =>
  text
    .toWellFormed()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML 1.0 §2.2 leaves out
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"\r\n\t]/g, (character) => ESCAPES[character] ?? character);

/** White space by number, because a parser would fold it in attributes and turn a carriage return into a line feed. */
const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#13;',
  '\n': '&#10;',
  '\t': '&#9;',
};
