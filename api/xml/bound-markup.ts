import { ProvostError } from '../../domain/errors.ts';

/** Tags of a SOAP message: twice its elements. A role's ten thousand members fit. */
const MOST_TAGS = 50_000;
/** Attributes and namespace declarations of a whole document; a request has a handful. */
const MOST_ATTRIBUTES = 5_000;

/**
 * Refuses a document with more markup than any request has, by counting alone: reading a megabyte of tags takes half a
 * second in which nobody else is answered, counting them a few milliseconds.
 *
 * @throws ProvostError `TOO_LARGE`
 */
export function boundMarkup(xml: string, mostTags = MOST_TAGS): void {
  let tags = 0;
  let attributes = 0;
  let inTag = false;
  for (let at = 0; at < xml.length; at += 1) {
    const character = xml.charCodeAt(at);
    if (character === LESS) {
      inTag = true;
      tags += 1;
    } else if (character === GREATER) {
      inTag = false;
    } else if (character === EQUALS && inTag) {
      attributes += 1;
    }
  }
  if (tags > mostTags || attributes > MOST_ATTRIBUTES)
    throw new ProvostError('TOO_LARGE', 'The message has more elements or attributes than any request has.');
}

const LESS = 0x3c;
const GREATER = 0x3e;
const EQUALS = 0x3d;
