import { ProvostError } from '../../domain/errors.ts';
import { charsetOf, decodeAs, unicodeEncoding } from '../body/decode-text.ts';

/** Encodings besides Unicode's that XML declares, as decoders call them. */
const OTHERS: Readonly<Record<string, string>> = {
  'iso-8859-1': 'iso-8859-1',
  latin1: 'iso-8859-1',
  'iso-8859-15': 'iso-8859-15',
  'windows-1252': 'windows-1252',
};

/**
 * The text of a body in XML: in UTF-8, or UTF-16 where the media type or a byte order mark says so, which every SOAP
 * server must take (WS-I Basic Profile 1.1, R1012); or in the Latin encoding that the media type or else the document
 * declares (RFC 7303 §3).
 *
 * @throws ProvostError `UNSUPPORTED_MEDIA_TYPE`, `INVALID_SYNTAX` where the bytes are not in that encoding
 */
export function decodeXml(bytes: Uint8Array, contentType: string | undefined): string {
  const charset = charsetOf(contentType);
  const unicode = unicodeEncoding(bytes, charset);
  if (charset === undefined && unicode === 'utf-8') return decodeDeclared(bytes);
  return unicode === undefined ? decodeOther(bytes, charset ?? '') : decodeAs(bytes, unicode);
}

/** Without a charset the declaration counts. It is ASCII in every encoding that is taken here. */
function decodeDeclared(bytes: Uint8Array): string {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 256)).toString('latin1');
  const declared = /^(?:\u00ef\u00bb\u00bf)?\s*<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)/
    .exec(start)?.[1]
    ?.toLowerCase();
  // Bytes that could be read so far are not in UTF-16, whatever the declaration says.
  if (declared === undefined || /^(?:utf-?8|us-ascii|utf-?16(?:[bl]e)?)$/.test(declared))
    return decodeAs(bytes, 'utf-8');
  return decodeOther(bytes, declared);
}

function decodeOther(bytes: Uint8Array, name: string): string {
  const encoding = Object.hasOwn(OTHERS, name) ? OTHERS[name] : undefined;
  if (encoding === undefined)
    throw new ProvostError(
      'UNSUPPORTED_MEDIA_TYPE',
      'The character set of the body is not supported; send UTF-8, UTF-16 or ISO-8859-1.',
    );
  // TextDecoder takes the name for Windows' superset of it, which has other characters for 0x80 to 0x9f.
  return encoding === 'iso-8859-1' ? Buffer.from(bytes).toString('latin1') : decodeAs(bytes, encoding);
}
