import { ProvostError } from '../../../domain/errors.ts';
import { type XmlElement, xmlAttribute, xmlChildren } from '../../xml/xml-element.ts';

const SCHEMA_INSTANCE = 'http://www.w3.org/2001/XMLSchema-instance';

/** What a client passes to an operation. An element that is nil is one that is absent. */
export interface Arguments {
  /** @throws ProvostError `INVALID_VALUE` where it is absent or empty */
  text(name: string): string;
  /** Empty where it is absent: for what the operation itself judges. */
  plain(name: string): string;
  optionalText(name: string): string | undefined;
  texts(name: string): readonly string[];
  whole(name: string): number | undefined;
  flag(name: string): boolean | undefined;
  objects(name: string): readonly Arguments[];
}

/**
 * Reads the children of an operation's element by their local names, in any namespace and order: clients built on
 * older descriptions qualify them differently, and nothing here depends on either.
 */
export function readArguments(element: XmlElement): Arguments {
  const present = (name: string): readonly XmlElement[] => xmlChildren(element, name).filter((child) => !isNil(child));
  const simple = (name: string): string | undefined => {
    const [child] = present(name);
    if (child === undefined) return undefined;
    if (child.children.length > 0) throw invalid(name, 'is text, without elements in it');
    return child.text;
  };
  const parsed = <T>(name: string, read: (text: string) => T | undefined, what: string): T | undefined => {
    const given = simple(name)?.trim();
    if (given === undefined || given === '') return undefined;
    const value = read(given);
    if (value === undefined) throw invalid(name, what);
    return value;
  };
  return {
    text(name) {
      const given = simple(name);
      if (given === undefined || given === '') throw invalid(name, 'must be given');
      return given;
    },
    plain: (name) => simple(name) ?? '',
    optionalText: simple,
    texts: (name) =>
      present(name)
        .map(({ text }) => text)
        .filter((given) => given !== ''),
    whole: (name) => parsed(name, readWhole, 'is a whole number of 32 bits'),
    flag: (name) => parsed(name, readFlag, 'is true or false'),
    objects: (name) => present(name).map(readArguments),
  };
}

const isNil = (element: XmlElement): boolean => readFlag(xmlAttribute(element, 'nil', SCHEMA_INSTANCE) ?? '') === true;

function readWhole(text: string): number | undefined {
  const number = /^[+-]?\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  return number >= -2_147_483_648 && number <= 2_147_483_647 ? number : undefined;
}

/** The lexical space of xs:boolean, in any letter case: Axis2 takes it so, and Python writes `False`. */
function readFlag(text: string): boolean | undefined {
  const folded = text.toLowerCase();
  if (folded === 'true' || folded === '1') return true;
  return folded === 'false' || folded === '0' ? false : undefined;
}

const invalid = (name: string, what: string): ProvostError =>
  new ProvostError('INVALID_VALUE', `${name} ${what}.`, { path: name });
