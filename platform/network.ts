import { isIP } from 'node:net';

/** A block of addresses, e.g. `10.0.0.0/8` or `fd00::/8`. */
export interface Network {
  readonly address: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

/** Networks that may be called, see {@link parseAllowedNetwork}. */
export interface AllowedNetwork extends Network {
  readonly tenant?: string;
  readonly ports?: { readonly first: number; readonly last: number };
}

/**
 * `[tenant@]network[:port]`: a CIDR block, for one tenant's calls or everybody's, to one port, a range `8000-8099`, or all.
 * An IPv6 block with a port is put into brackets.
 *
 * @example
 * parseAllowedNetwork('acme@10.20.0.0/16:8443');
 * parseAllowedNetwork('[fd12:3456::/32]:443');
 */
export function parseAllowedNetwork(text: string): AllowedNetwork | undefined {
  const at = text.indexOf('@');
  const tenant = at === -1 ? undefined : text.slice(0, at);
  if (tenant !== undefined && !isTenantName(tenant)) return undefined;
  const [block, portText] = partPort(text.slice(at + 1));
  const network = parseNetwork(block);
  const ports = portText === undefined ? undefined : parsePorts(portText);
  if (network === undefined || (portText !== undefined && ports === undefined)) return undefined;
  return { ...network, ...(tenant === undefined ? {} : { tenant }), ...(ports === undefined ? {} : { ports }) };
}

/** A slug of 1 to 63 characters of a–z, 0–9 and `-`. */
export const isTenantName = (text: string): boolean => /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(text);

function partPort(text: string): readonly [block: string, ports?: string] {
  if (text.startsWith('[')) {
    const end = text.indexOf(']');
    const rest = text.slice(end + 1);
    if (end === -1 || (rest !== '' && !rest.startsWith(':'))) return [''];
    return rest === '' ? [text.slice(1, end)] : [text.slice(1, end), rest.slice(1)];
  }
  const parts = text.split(':');
  // More than one colon is an IPv6 block.
  return parts.length === 2 ? [parts[0] ?? '', parts[1] ?? ''] : [text];
}

function parsePorts(text: string): AllowedNetwork['ports'] {
  const [first, last = first, ...rest] = text.split('-').map((part) => (/^\d{1,5}$/.test(part) ? Number(part) : 0));
  if (first === undefined || last === undefined || rest.length > 0) return undefined;
  return first >= 1 && last <= 65_535 && first <= last ? { first, last } : undefined;
}

/** @returns undefined where the text is neither an address nor a CIDR block; an address alone is a block of one */
export function parseNetwork(text: string): Network | undefined {
  const [address = '', prefixText, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0 || address.includes('%')) return undefined;
  const longest = version === 4 ? 32 : 128;
  if (prefixText !== undefined && !/^\d{1,3}$/.test(prefixText)) return undefined;
  const prefix = prefixText === undefined ? longest : Number(prefixText);
  return prefix > longest ? undefined : { address, prefix, family: version === 4 ? 'ipv4' : 'ipv6' };
}
