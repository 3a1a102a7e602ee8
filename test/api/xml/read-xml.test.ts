import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readXml } from '../../../api/xml/read-xml.ts';
import { writeXml } from '../../../api/xml/write-xml.ts';
import { xmlAttribute, xmlChildren } from '../../../api/xml/xml-element.ts';
import { isProvostError } from '../../../domain/errors.ts';

const refused = (error: unknown): boolean => isProvostError(error, 'INVALID_SYNTAX');

test('names are resolved to their namespaces, prefixes and defaults by scope', () => {
  const root = readXml(
    '<a xmlns="urn:a" xmlns:b="urn:b" b:x="1" y="2"><b:c>t</b:c><d xmlns="urn:d"/><e xmlns=""/></a>',
  );
  assert.deepEqual([root.name, root.namespace], ['a', 'urn:a']);
  assert.deepEqual(
    root.children.map(({ name, namespace }) => [name, namespace]),
    [
      ['c', 'urn:b'],
      ['d', 'urn:d'],
      ['e', ''],
    ],
  );
  assert.equal(xmlAttribute(root, 'x', 'urn:b'), '1');
  assert.equal(xmlAttribute(root, 'y'), '2');
  assert.equal(xmlAttribute(root, 'xmlns'), undefined);
});

test('text is kept as it was written, with the entities of XML and CDATA decoded once', () => {
  const root = readXml('<?xml version="1.0"?><a><b> x &amp;lt; &#233;&#x1F600; <![CDATA[<&amp;>]]>\n</b></a>');
  assert.equal(xmlChildren(root, 'b')[0]?.text, ' x &lt; é😀 <&amp;>\n');
});

test('document types and foreign entities are refused', () => {
  for (const text of [
    '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    '<!doctype a><a/>',
    '<!DOCTYPE lolz [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><lolz>&b;</lolz>',
    '<a>&nbsp;</a>',
    '<a b="&evil;"/>',
    '<a>&#0;</a>',
    '<a>&#xD800;</a>',
    '<a>&amp</a>',
  ])
    assert.throws(() => readXml(text), refused, text);
});

test('what is not one well-formed document is refused', () => {
  for (const text of ['', 'plain', '{}', '<a>', '<a></b>', '<a/><b/>', '<a b=1/>', '<p:a/>', '<a><__proto__/></a>'])
    assert.throws(() => readXml(text), refused, text);
});

test('depth and number of elements are bounded', () => {
  const nested = (depth: number): string => '<a>'.repeat(depth) + '</a>'.repeat(depth);
  assert.equal(readXml(nested(40)).name, 'a');
  assert.throws(() => readXml(nested(41)), refused);
  assert.throws(() => readXml(nested(40_000)), refused);
  assert.throws(
    () => readXml(`<a>${'<b/>'.repeat(101)}</a>`, { maxElements: 100 }),
    (error) => isProvostError(error, 'TOO_LARGE'),
  );
});

test('any text that XML can say comes back as it was written', () => {
  const said = fc
    .string({ unit: 'grapheme' })
    .filter((text) => !/[\p{Cc}\ufffe\uffff]/u.test(text.replace(/[\t\r\n]/g, '')));
  fc.assert(
    fc.property(said, said, (text, value) => {
      const root = readXml(writeXml({ name: 'a', attributes: { b: value }, content: [{ name: 'c', content: text }] }));
      assert.equal(root.children[0]?.text, text);
      assert.equal(xmlAttribute(root, 'b'), value);
    }),
  );
});

test('whatever is sent, reading ends with a tree or a refusal', () => {
  const piece = fc.constantFrom(
    '<a>',
    '</a>',
    '<a',
    ' b="',
    '"',
    '>',
    '/>',
    '<![CDATA[',
    ']]>',
    '<!--',
    '-->',
    '<?x',
    '?>',
    '&',
    '&amp;',
    '&#',
    ';',
    'x',
    '\n',
    'xmlns:p="u"',
    '<p:q>',
    '</p:q>',
    '<!',
  );
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join('')),
      (text) => {
        try {
          readXml(text);
        } catch (error) {
          assert.ok(isProvostError(error), `${String(error)} for ${text}`);
        }
      },
    ),
    { numRuns: 5_000 },
  );
});
