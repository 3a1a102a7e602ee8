import { BlockList, isIP } from 'node:net';

/** A block of addresses, e.g. 10.0.0.0 with prefix 8. */
export interface AddressBlock {
  readonly address: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

/** Addresses that may be called although they are internal, or without encryption although they are public. */
export interface AllowedNetwork extends AddressBlock {
  /** For this tenant's calls alone; absent: for everybody's. */
  readonly tenant?: string;
  /** Absent: every port. */
  readonly ports?: { readonly first: number; readonly last: number };
}

export type AllowedAddresses = 'any' | readonly AllowedNetwork[];

/** A connection that is about to be made. */
export interface Connecting {
  readonly address: string;
  readonly port: number;
  readonly isEncrypted: boolean;
}

/** `internal`: nobody outside may be let there. `in-clear`: what is sent could be read on the way. */
export type AddressVerdict = 'allowed' | 'internal' | 'in-clear';

/** What one tenant's calls may reach. */
export const allowedFor = (allow: AllowedAddresses, tenant: string | undefined): AllowedAddresses =>
  allow === 'any' ? allow : allow.filter((network) => network.tenant === undefined || network.tenant === tenant);

/** What the IANA special-purpose registry (RFC 6890) and the clouds keep out of the public Internet. */
const INTERNAL_IPV4 = [
  '0.0.0.0/8', // this network; 0.0.0.0 reaches the machine itself
  '10.0.0.0/8',
  '100.64.0.0/10', // carrier-grade NAT; Alibaba's metadata service
  '127.0.0.0/8',
  '168.63.129.16/32', // Azure's platform services, at a public address
  '169.254.0.0/16', // link-local; the metadata services of most clouds
  '172.16.0.0/12',
  '192.0.0.0/24', // protocol assignments; Oracle's metadata service
  '192.0.2.0/24', // documentation, like the next two of this size
  '192.88.99.0/24', // 6to4 relays
  '192.168.0.0/16',
  '198.18.0.0/15', // benchmarks
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, and broadcast
];

/** Global unicast is 2000::/3 and nothing else; these are the parts of it that lead elsewhere than they say. */
const PUBLIC_IPV6 = ['2000::/3'];
const INTERNAL_IPV6 = [
  '2001::/23', // Teredo, ORCHID and other protocols
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4: an IPv4 address of anybody's choice
  '3fff::/20', // documentation
];

/** IPv6 addresses that stand for an IPv4 address in their last 32 bits: mapped, and NAT64's well-known prefix. */
const EMBEDS_IPV4 = ['::ffff:0:0/96', '64:ff9b::/96'];

const internalIpv4 = blockList(INTERNAL_IPV4.map(parsed));
const internalIpv6 = blockList(INTERNAL_IPV6.map(parsed));
const publicIpv6 = blockList(PUBLIC_IPV6.map(parsed));
const embedding = blockList(EMBEDS_IPV4.map(parsed));

/**
 * Public addresses may be called with encryption. What `allow` names may be called in any case.
 *
 * @param allow what the caller's tenant may reach besides, see {@link allowedFor}
 * @returns whether a connection may be made; what is no address is taken for an internal one
 */
export function createAddressRule(allow: AllowedAddresses): (connecting: Connecting) => AddressVerdict {
  if (allow === 'any') return () => 'allowed';
  const named = allow.map(({ ports, ...block }) => ({ ports, block: blockList([block]) }));
  return ({ address, port, isEncrypted }) => {
    // A link-local address may come with its zone: fe80::1%eth0.
    const plain = embeddedIpv4(address.split('%')[0] ?? '');
    const version = isIP(plain);
    if (version === 0) return 'internal';
    const isNamed = named.some(
      ({ ports, block }) =>
        (ports === undefined || (ports.first <= port && port <= ports.last)) && block.check(plain, familyOf(version)),
    );
    if (isNamed) return 'allowed';
    if (isInternal(plain, version)) return 'internal';
    return isEncrypted ? 'allowed' : 'in-clear';
  };
}

function isInternal(address: string, version: number): boolean {
  if (version === 4) return internalIpv4.check(address, 'ipv4');
  return !publicIpv6.check(address, 'ipv6') || internalIpv6.check(address, 'ipv6');
}

/** @returns the IPv4 address that an IPv6 address stands for, else the address as it is */
function embeddedIpv4(address: string): string {
  if (isIP(address) !== 6 || !embedding.check(address, 'ipv6')) return address;
  // The URL parser writes every IPv6 address in one way: two groups of hexadecimal digits at the end, zeros left out.
  const groups = new URL(`http://[${address}]`).hostname.slice(1, -1).split(':').slice(-2);
  const numbers = groups.map((group) => Number.parseInt(group || '0', 16));
  return numbers.flatMap((number) => [number >> 8, number & 255]).join('.');
}

function blockList(blocks: readonly AddressBlock[]): BlockList {
  const list = new BlockList();
  for (const { address, prefix, family } of blocks) list.addSubnet(address, prefix, family);
  return list;
}

function parsed(text: string): AddressBlock {
  const [address = '', prefix] = text.split('/');
  return { address, prefix: Number(prefix), family: familyOf(isIP(address)) };
}

function familyOf(version: number): 'ipv4' | 'ipv6' {
  return version === 4 ? 'ipv4' : 'ipv6';
}
