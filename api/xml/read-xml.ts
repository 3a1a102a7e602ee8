import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { ProvostError } from '../../domain/errors.ts';
import { decodeEntities } from './decode-entities.ts';
import type { XmlAttribute, XmlElement } from './xml-element.ts';

export interface XmlLimits {
  /** Deepest nesting of elements. Default 40. */
  readonly maxDepth?: number;
  /** Most elements in all. Default 50,000. */
  readonly maxElements?: number;
}

const TEXT = '#text';
const CDATA = '#cdata';
const ATTRIBUTES = ':@';
const XML_NAMESPACE = 'http://www.w3.org/XML/1998/namespace';

/**
 * Reads an XML document that somebody sent, safely: no document type, so that there are no entities but the five of XML
 * itself and nothing is fetched or expanded; bounded in depth and number of elements. Its size is for the caller to bound.
 *
 * @throws ProvostError `INVALID_SYNTAX`, `TOO_LARGE`
 */
export function readXml(text: string, { maxDepth = 40, maxElements = 50_000 }: XmlLimits = {}): XmlElement {
  // Wherever it stands: a document that only mentions one in a comment is no loss.
  if (/<!(?:DOCTYPE|ENTITY)/i.test(text)) throw syntax('A document type declaration is not accepted.');
  refuseMuchMarkup(text, maxElements);
  const problem = XMLValidator.validate(text);
  if (problem !== true) throw syntax(`The XML is not well-formed (line ${problem.err.line}).`);
  const [root, ...others] = parse(text, maxDepth).filter(isElement);
  if (root === undefined || others.length > 0) throw syntax('An XML document has one element at its top.');
  const reader = new TreeReader(maxDepth, maxElements);
  return reader.read(root, new Map([['xml', XML_NAMESPACE]]), 1);
}

/** By counting alone: reading a megabyte of tags takes a second, and nobody else is served meanwhile. */
function refuseMuchMarkup(text: string, maxElements: number): void {
  let left = 2 * maxElements + 16;
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at + 1)) {
    left -= 1;
    if (left < 0) throw tooMany();
  }
}

const tooMany = (): ProvostError => new ProvostError('TOO_LARGE', 'The XML has too many elements.');

/** As the parser gives it with `preserveOrder`: one key names the element, `:@` holds its attributes. */
type Node = Readonly<Record<string, unknown>>;

function parse(text: string, maxDepth: number): readonly Node[] {
  const parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: '',
    parseTagValue: false,
    parseAttributeValue: false,
    trimValues: false,
    processEntities: false,
    ignoreDeclaration: true,
    ignorePiTags: true,
    textNodeName: TEXT,
    cdataPropName: CDATA,
    maxNestedTags: maxDepth + 1,
  });
  try {
    return parser.parse(text) as readonly Node[];
  } catch (error) {
    throw syntax('The XML cannot be read: it is nested too deeply, or a name in it is not accepted.', error);
  }
}

const isElement = (node: Node): boolean => nameOf(node) !== undefined;

const nameOf = (node: Node): string | undefined =>
  Object.keys(node).find((key) => key !== ATTRIBUTES && key !== TEXT && key !== CDATA);

/** Prefixes in force, the empty one being the default namespace. */
type Scope = ReadonlyMap<string, string>;

class TreeReader {
  readonly #maxDepth: number;
  #left: number;

  constructor(maxDepth: number, maxElements: number) {
    this.#maxDepth = maxDepth;
    this.#left = maxElements;
  }

  read(node: Node, outer: Scope, depth: number): XmlElement {
    if (depth > this.#maxDepth) throw syntax(`The XML is nested more than ${this.#maxDepth} levels deep.`);
    this.#left -= 1;
    if (this.#left < 0) throw tooMany();
    const written = nameOf(node) ?? '';
    const given = attributesOf(node);
    const scope = scopeWithin(outer, given);
    const content = (node[written] ?? []) as readonly Node[];
    return {
      ...resolve(written, scope, scope.get('') ?? ''),
      attributes: given
        .filter(([name]) => !isDeclaration(name))
        .map(([name, value]) => toAttribute(name, value, scope)),
      children: content.filter(isElement).map((child) => this.read(child, scope, depth + 1)),
      text: content.map(textOf).join(''),
    };
  }
}

/** Names as written, with their values decoded. */
const attributesOf = (node: Node): readonly (readonly [string, string])[] =>
  Object.entries((node[ATTRIBUTES] ?? {}) as Record<string, unknown>).map(
    ([name, value]) => [name, decodeEntities(String(value))] as const,
  );

const isDeclaration = (name: string): boolean => name === 'xmlns' || name.startsWith('xmlns:');

function scopeWithin(outer: Scope, attributes: readonly (readonly [string, string])[]): Scope {
  const declared = attributes.filter(([name]) => isDeclaration(name));
  if (declared.length === 0) return outer;
  const scope = new Map(outer);
  for (const [name, uri] of declared) scope.set(name === 'xmlns' ? '' : name.slice('xmlns:'.length), uri);
  return scope;
}

const toAttribute = (name: string, value: string, scope: Scope): XmlAttribute => ({
  ...resolve(name, scope, ''),
  value,
});

function resolve(written: string, scope: Scope, unprefixed: string): { name: string; namespace: string } {
  const colon = written.indexOf(':');
  if (colon < 0) return { name: written, namespace: unprefixed };
  const namespace = scope.get(written.slice(0, colon));
  if (namespace === undefined) throw syntax('A prefix in the XML is not declared.');
  return { name: written.slice(colon + 1), namespace };
}

function textOf(node: Node): string {
  if (typeof node[TEXT] === 'string') return decodeEntities(node[TEXT]);
  const cdata = node[CDATA];
  return Array.isArray(cdata) ? cdata.map((part: Node) => String(part[TEXT] ?? '')).join('') : '';
}

const syntax = (message: string, cause?: unknown): ProvostError =>
  new ProvostError('INVALID_SYNTAX', message, {}, cause === undefined ? undefined : { cause });
