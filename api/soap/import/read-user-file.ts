import { ProvostError } from '../../../domain/errors.ts';
import { type CsvRecord, readCsv } from './read-csv.ts';

/** Most users of one file. */
export const MOST_IMPORTED = 1_000;

/** One user of a file. */
export interface ImportedUser {
  readonly line: number;
  readonly userName: string;
  readonly password: string;
  readonly roles: readonly string[];
  readonly claims: readonly { readonly claimURI: string; readonly value: string }[];
}

/** A record that is none, with the reason in words. */
export interface RefusedRecord {
  readonly line: number;
  readonly refusal: string;
}

/**
 * Users out of a file as WSO2's console takes it: a heading, then one record for each user — name, password, and any
 * number of `claim URI=value` and of `role=a:b`.
 *
 * @param fileName only a name that ends in `.csv`, or has no ending, is taken
 * @throws ProvostError `INVALID_VALUE` for a spreadsheet and for what is no UTF-8, `INVALID_SYNTAX`, `TOO_MANY`
 */
export function readUserFile(
  fileName: string,
  content: string,
  defaultPassword: string,
): readonly (ImportedUser | RefusedRecord)[] {
  const bytes = Buffer.from(content.replace(/\s/g, ''), 'base64');
  if (/\.xlsx?$/i.test(fileName) || isSpreadsheet(bytes))
    throw new ProvostError(
      'INVALID_VALUE',
      'Spreadsheets (.xls, .xlsx) are not read. Save the file as CSV and send that.',
    );
  if (/\.[^./\\]+$/.test(fileName) && !/\.csv$/i.test(fileName))
    throw new ProvostError(
      'INVALID_VALUE',
      'Only CSV files are read; the name of the file says that it is another kind.',
    );
  const [, ...records] = readCsv(decode(bytes), MOST_IMPORTED + 1);
  return records.map((record) => readRecord(record, defaultPassword));
}

function readRecord({ line, fields }: CsvRecord, defaultPassword: string): ImportedUser | RefusedRecord {
  const [userName = '', password = '', ...rest] = fields;
  const roles: string[] = [];
  const claims: { claimURI: string; value: string }[] = [];
  for (const field of rest) {
    if (field.trim() === '') continue;
    const at = field.indexOf('=');
    const name = field.slice(0, at).trim();
    if (at < 1 || name === '')
      return { line, refusal: 'Claims and values are not in correct format: write uri=value.' };
    const value = field.slice(at + 1);
    if (/^roles?$/i.test(name) || /\/roles?$/i.test(name))
      roles.push(...value.split(':').filter((role) => role.trim() !== ''));
    else claims.push({ claimURI: name, value });
  }
  return { line, userName, password: password === '' ? defaultPassword : password, roles, claims };
}

/** The first bytes of the two formats: OLE2, ZIP. */
const isSpreadsheet = (bytes: Buffer): boolean =>
  bytes.subarray(0, 4).equals(Buffer.from([0xd0, 0xcf, 0x11, 0xe0])) ||
  bytes.subarray(0, 4).equals(Buffer.from([0x50, 0x4b, 0x03, 0x04]));

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new ProvostError(
      'INVALID_VALUE',
      'The file is not UTF-8; save it so and send it again.',
      {},
      { cause: error },
    );
  }
}
