import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAllowedNetwork } from '../../platform/network.ts';

const ipv4 = { address: '10.0.0.0', prefix: 8, family: 'ipv4' };
const ipv6 = { address: 'fd12:3456::', prefix: 32, family: 'ipv6' };

const READ = {
  '10.0.0.0/8': ipv4,
  '10.0.0.0/8:443': { ...ipv4, ports: { first: 443, last: 443 } },
  '10.0.0.0/8:8000-8099': { ...ipv4, ports: { first: 8_000, last: 8_099 } },
  'acme@10.0.0.0/8': { ...ipv4, tenant: 'acme' },
  'acme-2@10.0.0.0/8:443': { ...ipv4, tenant: 'acme-2', ports: { first: 443, last: 443 } },
  'fd12:3456::/32': ipv6,
  '[fd12:3456::/32]': ipv6,
  '[fd12:3456::/32]:443': { ...ipv6, ports: { first: 443, last: 443 } },
  'acme@[fd12:3456::/32]:1-65535': { ...ipv6, tenant: 'acme', ports: { first: 1, last: 65_535 } },
  '127.0.0.1': { address: '127.0.0.1', prefix: 32, family: 'ipv4' },
};

for (const [text, expected] of Object.entries(READ))
  test(`${text} is read`, () => assert.deepEqual(parseAllowedNetwork(text), expected));

test('what is none of these is refused', () => {
  const refused = [
    '',
    '10.0.0.0/33',
    '10.0.0.0/8:',
    '10.0.0.0/8:0',
    '10.0.0.0/8:65536',
    '10.0.0.0/8:9-8',
    '@10.0.0.0/8',
  ];
  const odd = [
    'Acme@10.0.0.0/8',
    'a@b@10.0.0.0/8',
    '[10.0.0.0/8',
    '[fd12::/16]443',
    '10.0.0.0/8:1-2-3',
    '10.0.0.0/8:x',
  ];
  for (const text of [...refused, ...odd]) assert.equal(parseAllowedNetwork(text), undefined, text);
});
