import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AllowedAddresses, allowedFor, createAddressRule } from '../../../connectors/http/internal-addresses.ts';
import { parseAllowedNetwork } from '../../../platform/network.ts';

const networks = (...texts: string[]) => texts.map(parseAllowedNetwork).filter((network) => network !== undefined);

/** Whether an address may be called by https. */
const ruleOf = (allow: AllowedAddresses) => {
  const judge = createAddressRule(allow);
  return (address: string): boolean => judge({ address, port: 443, isEncrypted: true }) === 'allowed';
};

const INTERNAL = {
  loopback: ['127.0.0.1', '127.255.255.254', '::1'],
  unspecified: ['0.0.0.0', '0.1.2.3', '::'],
  private: ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1'],
  'unique local': ['fc00::1', 'fd12:3456::1'],
  'link-local': ['169.254.1.1', 'fe80::1', 'fe80::1%eth0', 'febf::1'],
  'site-local': ['fec0::1'],
  'carrier-grade NAT': ['100.64.0.1', '100.127.255.255'],
  multicast: ['224.0.0.1', '239.255.255.255', 'ff02::1'],
  'reserved and broadcast': ['240.0.0.1', '255.255.255.255'],
  benchmarks: ['198.18.0.1', '198.19.255.255'],
  documentation: ['192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8::1', '3fff::1'],
  'metadata services': [
    '169.254.169.254',
    '100.100.100.200',
    '192.0.0.192',
    '168.63.129.16',
    'fd00:ec2::254',
    '::ffff:169.254.169.254',
  ],
  'IPv4-mapped': ['::ffff:127.0.0.1', '::ffff:7f00:1', '0:0:0:0:0:ffff:10.0.0.1', '::ffff:0:0'],
  'IPv4-compatible': ['::127.0.0.1', '::10.0.0.1', '::8.8.8.8'],
  'IPv4-translated': ['::ffff:0:127.0.0.1'],
  NAT64: ['64:ff9b::127.0.0.1', '64:ff9b::a00:1', '64:ff9b::', '64:ff9b:1::8.8.8.8'],
  '6to4 and Teredo': ['2002:7f00:1::', '2002:808:808::1', '2001::1'],
  'segment routing and discard': ['5f00::1', '100::1'],
};

for (const [kind, addresses] of Object.entries(INTERNAL)) {
  test(`addresses for ${kind} are refused`, () => {
    const isAllowed = ruleOf([]);
    for (const address of addresses) assert.equal(isAllowed(address), false, address);
  });
}

test('public addresses are allowed, those behind NAT64 and beside internal networks too', () => {
  const isAllowed = ruleOf([]);
  const addresses = [
    ...['1.1.1.1', '8.8.8.8', '9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0', '172.15.255.255'],
    ...['172.32.0.0', '192.167.255.255', '168.63.129.17', '223.255.255.255', '2606:4700:4700::1111', '2a00:1450::1'],
    ...['64:ff9b::8.8.8.8', '64:ff9b::808:808', '::ffff:8.8.8.8', '64:ff9b::909:0'],
  ];
  for (const address of addresses) assert.equal(isAllowed(address), true, address);
});

test('an internal network is allowed where it is named, however its addresses are written, and no other is', () => {
  const isAllowed = ruleOf(networks('10.20.0.0/16', 'fd12:3456::/32', '127.0.0.1'));
  const allowed = ['10.20.0.0', '10.20.255.255', '::ffff:10.20.1.1', '64:ff9b::10.20.1.1', 'fd12:3456::9', '127.0.0.1'];
  for (const address of allowed) assert.equal(isAllowed(address), true, address);
  for (const address of ['10.21.0.0', '127.0.0.2', 'fd12:3457::1', '::1', '::ffff:10.21.0.0']) {
    assert.equal(isAllowed(address), false, address);
  }
});

test('with all networks allowed every address is', () => {
  const isAllowed = ruleOf('any');
  for (const address of ['127.0.0.1', '169.254.169.254', '::1', '8.8.8.8']) assert.equal(isAllowed(address), true);
});

test('what is no address is not allowed', () => {
  const isAllowed = ruleOf([]);
  for (const text of ['', 'localhost', '8.8.8', '8.8.8.8/32', '0x7f.1', '::g']) assert.equal(isAllowed(text), false);
});

test('a public address is not called in clear unless it is named', () => {
  const inClear = (allow: AllowedAddresses, address: string) =>
    createAddressRule(allow)({ address, port: 80, isEncrypted: false });
  for (const address of ['8.8.8.8', '::ffff:8.8.8.8', '2606:4700:4700::1111'])
    assert.equal(inClear([], address), 'in-clear', address);
  assert.equal(inClear([], '10.0.0.1'), 'internal');
  assert.equal(inClear(networks('8.8.8.0/24'), '8.8.8.8'), 'allowed');
  assert.equal(inClear(networks('10.0.0.0/8'), '10.0.0.1'), 'allowed');
  assert.equal(inClear('any', '8.8.8.8'), 'allowed');
});

test('a network may be kept to ports and to a tenant', () => {
  const allow = networks('10.0.0.0/8:8000-8099', '[fd12::/16]:443', 'acme@192.168.0.0/16', 'globex@127.0.0.1:27017');
  assert.equal(allow.length, 4);
  const judge = (tenant: string, address: string, port: number) =>
    createAddressRule(allowedFor(allow, tenant))({ address, port, isEncrypted: true });
  assert.deepEqual(
    [7_999, 8_000, 8_099, 8_100].map((port) => judge('acme', '10.1.1.1', port)),
    ['internal', 'allowed', 'allowed', 'internal'],
  );
  assert.deepEqual([judge('acme', 'fd12::1', 443), judge('acme', 'fd12::1', 80)], ['allowed', 'internal']);
  assert.deepEqual(
    ['acme', 'globex'].map((tenant) => judge(tenant, '192.168.1.1', 443)),
    ['allowed', 'internal'],
  );
  assert.deepEqual(
    ['acme', 'globex'].map((tenant) => judge(tenant, '127.0.0.1', 27_017)),
    ['internal', 'allowed'],
  );
});
