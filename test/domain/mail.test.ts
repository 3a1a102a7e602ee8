import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOneAddress } from '../../domain/mail.ts';

test('an address is one address', () => {
  for (const one of ['ada@example.com', 'o’brien+x@mail.example', 'a@localhost', 'é@exämple.de'])
    assert.ok(isOneAddress(one), one);
});

test('a list, a name with an address, a group and what breaks a line are no address', () => {
  for (const text of [
    'a@x.example, b@y.example',
    'a@x.example;b@y.example',
    'a@x.example b@y.example',
    'Ada <ada@example.com>',
    'team: a@x.example',
    '"a@x.example, b"@y.example',
    'a@x.example\r\nBcc: b@y.example',
    'a@b@c',
    'ada',
    '',
    `${'a'.repeat(65)}@example.com`,
  ])
    assert.ok(!isOneAddress(text), text);
});
