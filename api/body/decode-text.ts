import { ProvostError } from '../../domain/errors.ts';

/** The charset parameter of a media type, in lower case. */
export const charsetOf = (contentType: string | undefined): string | undefined =>
  /;\s*charset\s*=\s*"?([\w.:-]+)/i.exec(contentType ?? '')?.[1]?.toLowerCase();

/**
 * The text of a body in UTF-8, or in UTF-16 where the charset or a byte order mark says so. Bytes that are no text in
 * it are refused: replaced characters would be stored as if somebody had sent them.
 *
 * @throws ProvostError `UNSUPPORTED_MEDIA_TYPE` for another charset, `INVALID_SYNTAX` for other bytes
 */
export function decodeText(bytes: Uint8Array, charset: string | undefined): string {
  const encoding = unicodeEncoding(bytes, charset);
  if (encoding === undefined)
    throw new ProvostError('UNSUPPORTED_MEDIA_TYPE', 'The character set of the body is not supported; send UTF-8.');
  return decodeAs(bytes, encoding);
}

/** @returns undefined for a charset that is not Unicode's */
export function unicodeEncoding(bytes: Uint8Array, charset: string | undefined): string | undefined {
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
      return undefined;
  }
}

/** @throws ProvostError `INVALID_SYNTAX` */
export function decodeAs(bytes: Uint8Array, encoding: string): string {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ProvostError('INVALID_SYNTAX', `The body is not ${encoding.toUpperCase()}.`, {}, { cause });
  }
}
