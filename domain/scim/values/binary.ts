/** Base64 with its padding, as RFC 4648 §4 has it (RFC 7643 §2.3.6). */
export const isBase64 = (text: string): boolean => text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);

/** Base64 or base64url, padded or not, folded into lines or not. */
export function isLooseBase64(text: string): boolean {
  const compact = text.replace(/[\r\n\t ]/g, '');
  return /^[A-Za-z0-9+/_-]*={0,2}$/.test(compact) && compact.replace(/={1,2}$/, '').length % 4 !== 1;
}
