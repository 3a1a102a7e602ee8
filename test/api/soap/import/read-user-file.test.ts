import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readCsv } from '../../../../api/soap/import/read-csv.ts';
import { MOST_IMPORTED, readUserFile } from '../../../../api/soap/import/read-user-file.ts';
import { ProvostError } from '../../../../domain/errors.ts';

const file = (text: string | Buffer, name = 'users.csv', password = '') =>
  readUserFile(name, Buffer.from(text).toString('base64'), password);

test('a record is a name, a password, claims and roles; the heading is none', () => {
  const heading = 'UserName,Password,Claims\r\n';
  assert.deepEqual(file(`${heading}ada,Pw1,urn:a=b=c,"urn:d=x, y",role=p:Internal/q\r\n\r\nbea\r\n"c""d",,bad\n`), [
    {
      line: 2,
      userName: 'ada',
      password: 'Pw1',
      roles: ['p', 'Internal/q'],
      claims: [
        { claimURI: 'urn:a', value: 'b=c' },
        { claimURI: 'urn:d', value: 'x, y' },
      ],
    },
    { line: 4, userName: 'bea', password: '', roles: [], claims: [] },
    { line: 5, refusal: 'Claims and values are not in correct format: write uri=value.' },
  ]);
  const [given] = file(`${heading}bea`, 'users', 'Default#1');
  assert.equal(given !== undefined && 'password' in given && given.password, 'Default#1');
});

test('a value between quotes may have line breaks, and lines are counted all the same', () => {
  assert.deepEqual(readCsv('a,"b\n c"\nd', 10), [
    { line: 1, fields: ['a', 'b\n c'] },
    { line: 3, fields: ['d'] },
  ]);
});

test('spreadsheets, other files, other encodings and too many records are refused with words', () => {
  const refused = (run: () => unknown, words: RegExp): void => {
    assert.throws(run, (error: unknown) => error instanceof ProvostError && words.test(error.message));
  };
  refused(() => file('a\nb', 'users.xlsx'), /Save the file as CSV/);
  refused(() => file('a\nb', 'USERS.XLS'), /Save the file as CSV/);
  refused(() => file(Buffer.from([0x50, 0x4b, 0x03, 0x04, 1])), /Save the file as CSV/);
  refused(() => file(Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 1])), /Save the file as CSV/);
  refused(() => file('a\nb', 'users.pdf'), /Only CSV files/);
  refused(() => file(Buffer.from([0x61, 0x0a, 0xff])), /not UTF-8/);
  refused(() => file('h\n"never closed'), /line 2 is not closed/);
  refused(() => file(`h\n${'u\n'.repeat(MOST_IMPORTED + 1)}`), /at most/);
  assert.equal(file(`h\n${'u\n'.repeat(MOST_IMPORTED)}`).length, MOST_IMPORTED);
});

test('what is written as RFC 4180 has it reads back', () => {
  const field = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', ' ', 'é') });
  fc.assert(
    fc.property(fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { maxLength: 5 }), (records) => {
      const text = records
        .map((fields) => fields.map((one) => `"${one.replaceAll('"', '""')}"`).join(','))
        .join('\r\n');
      assert.deepEqual(
        readCsv(text, 10).map(({ fields }) => fields),
        records,
      );
    }),
  );
});
