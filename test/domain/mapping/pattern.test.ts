import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nameByPattern, tokensOf } from '../../../domain/mapping/pattern.ts';

const facts = { userName: 'user@carbon.super', tenant: 'carbon.super', identityProvider: 'Salesforce' };

test('a pattern is written either way, and put together in its order, in lower case', () => {
  for (const pattern of ['{UD,UN,TD,IDP}', '{UD, UN, TD, IDP}', '{UD}{UN}{TD}{IDP}', '{UD}-{UN}-{TD}-{IDP}'])
    assert.equal(
      nameByPattern({ pattern, separator: '-' }, { ...facts, userName: 'user@provisioning.com' }),
      'primary-user@provisioning.com-carbon.super-salesforce',
      pattern,
    );
});

test('a user store’s domain is told from the name', () => {
  assert.equal(nameByPattern({ pattern: '{UD,UN}' }, { ...facts, userName: 'ACME/ada' }), 'acme_ada');
  assert.equal(nameByPattern({ pattern: '{UN}' }, { ...facts, userName: 'ACME/ada' }), 'ada');
});

test('the separator goes from every part but the user’s name, and is text and no regular expression', () => {
  assert.equal(nameByPattern({ pattern: '{UN,TD}', separator: '.' }, { ...facts, userName: 'a.b' }), 'a.b.carbonsuper');
  assert.equal(
    nameByPattern({ pattern: '{UN,TD}', separator: '|' }, { ...facts, userName: 'ada' }),
    'ada|carbon.super',
  );
});

test('a provisioning domain is appended once, and takes the place of every other', () => {
  const byDomain = { pattern: '{UN}', domain: 'carbon.super' };
  assert.equal(nameByPattern(byDomain, facts), 'user@carbon.super');
  assert.equal(nameByPattern(byDomain, { ...facts, userName: 'ada@home.example' }), 'ada.home.example@carbon.super');
});

test('what is no pattern is said when it is written', () => {
  assert.equal(typeof tokensOf('UD,UN'), 'string');
  assert.match(String(tokensOf('{UD,XX}')), /XX/);
  assert.equal(typeof tokensOf('{}'), 'string');
});
