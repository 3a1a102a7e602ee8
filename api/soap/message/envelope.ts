import { ProvostError } from '../../../domain/errors.ts';
import { type XmlElement, xmlAttribute } from '../../xml/xml-element.ts';

export type SoapVersion = '1.1' | '1.2';

/** Namespace and media type of each version. */
export const SOAP = {
  '1.1': { namespace: 'http://schemas.xmlsoap.org/soap/envelope/', mediaType: 'text/xml' },
  '1.2': { namespace: 'http://www.w3.org/2003/05/soap-envelope', mediaType: 'application/soap+xml' },
} as const satisfies Record<SoapVersion, { namespace: string; mediaType: string }>;

/** A message's header was not for somebody else and is not understood (SOAP 1.1 §4.2.3, SOAP 1.2 part 1 §5.2.3). */
export class NotUnderstood extends ProvostError {
  constructor(header: string) {
    super('INVALID_SYNTAX', `The header ${header} must be understood, and is not: this service reads no headers.`);
  }
}

export interface Envelope {
  readonly version: SoapVersion;
  /** The operation's element. */
  readonly content: XmlElement;
}

/** WS-Addressing says where a message goes, which is known: it has arrived. */
const ADDRESSING = ['http://www.w3.org/2005/08/addressing', 'http://schemas.xmlsoap.org/ws/2004/08/addressing'];

/**
 * Opens a SOAP envelope of either version.
 *
 * @throws ProvostError `INVALID_SYNTAX`
 */
export function openEnvelope(root: XmlElement): Envelope {
  const version = versionOf(root);
  if (root.name !== 'Envelope' || version === undefined) throw malformed('The document is not a SOAP envelope.');
  const { namespace } = SOAP[version];
  const parts = root.children.filter((child) => child.namespace === namespace);
  for (const header of parts.find(({ name }) => name === 'Header')?.children ?? [])
    if (!ADDRESSING.includes(header.namespace) && mustUnderstand(header, namespace))
      throw new NotUnderstood(header.name);
  const bodies = parts.filter(({ name }) => name === 'Body');
  const [content, ...others] = bodies[0]?.children ?? [];
  if (bodies.length !== 1 || content === undefined || others.length > 0)
    throw malformed('The envelope must have one Body with one element in it: the operation.');
  return { version, content };
}

/** @returns undefined where the root is no envelope */
export const versionOf = ({ namespace }: XmlElement): SoapVersion | undefined =>
  (['1.1', '1.2'] as const).find((version) => SOAP[version].namespace === namespace);

/** The version that a client speaks by its Content-Type, for answers to what could not be read. */
export const versionByMediaType = (contentType: string | undefined): SoapVersion =>
  /^\s*application\/soap\+xml/i.test(contentType ?? '') ? '1.2' : '1.1';

const mustUnderstand = (header: XmlElement, namespace: string): boolean =>
  ['1', 'true'].includes(xmlAttribute(header, 'mustUnderstand', namespace)?.trim() ?? '');

const malformed = (message: string): ProvostError => new ProvostError('INVALID_SYNTAX', message);
