import { ProvostError } from '../../../domain/errors.ts';

/**
 * The text of a request's body: UTF-8, or UTF-16 where the media type or a byte order mark says so; what every SOAP
 * server must take (WS-I Basic Profile 1.1, R1012).
 *
 * @throws ProvostError `UNSUPPORTED_MEDIA_TYPE`, `INVALID_SYNTAX`
 */
export function decodeBody(bytes: Uint8Array, contentType: string | undefined): string {
  const charset = /;\s*charset\s*=\s*"?([\w.:-]+)/i.exec(contentType ?? '')?.[1]?.toLowerCase();
  const text = decode(bytes, encodingOf(bytes, charset));
  const declared = /^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)/.exec(text)?.[1]?.toLowerCase();
  // Without a charset the declaration counts, and what it names could have been read only if it is UTF-8.
  if (charset === undefined && declared !== undefined && !/^(?:utf-?8|us-ascii|utf-?16(?:[bl]e)?)$/.test(declared))
    throw unsupported();
  return text;
}

function encodingOf(bytes: Uint8Array, charset: string | undefined): string {
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  switch (charset) {
    case undefined:
    case 'utf-8':
    case 'utf8':
    case 'us-ascii':
      return 'utf-8';
    case 'utf-16':
    case 'utf-16be':
      return 'utf-16be';
    case 'utf-16le':
      return 'utf-16le';
    default:
      throw unsupported();
  }
}

function decode(bytes: Uint8Array, encoding: string): string {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (error) {
    throw new ProvostError('INVALID_SYNTAX', `The body is not ${encoding.toUpperCase()}.`, {}, { cause: error });
  }
}

const unsupported = (): ProvostError =>
  new ProvostError('UNSUPPORTED_MEDIA_TYPE', 'Send the message in UTF-8 or UTF-16.');
