import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstWay } from '../../dev/services/first-way.ts';

const nothing = { name: 'a program on PATH', find: async () => undefined };
const refused = { name: 'a download', find: () => Promise.reject(new Error('the network refuses')) };

test('the first way that leads somewhere is taken and the later ones are not tried', async () => {
  let tried = false;
  const later = {
    name: 'a build',
    async find() {
      tried = true;
      return 'built';
    },
  };
  const found = await firstWay('A server', [nothing, { name: 'a copy', find: async () => 'cached' }, later], '');
  assert.equal(found, 'cached');
  assert.equal(tried, false);
});

test('when no way leads anywhere the error tells each with its reason, and what to do', async () => {
  await assert.rejects(firstWay('A server', [nothing, refused], 'Install one.'), {
    name: 'CannotStartError',
    message: [
      'A server cannot be had here. Tried:',
      '  - a program on PATH: there is none',
      '  - a download: the network refuses',
      'Install one.',
    ].join('\n'),
  });
});
