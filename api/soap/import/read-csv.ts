import { ProvostError } from '../../../domain/errors.ts';

/** A record of a CSV file, with the line that it begins on. */
export interface CsvRecord {
  readonly line: number;
  readonly fields: readonly string[];
}

/**
 * Records of a CSV file (RFC 4180): fields between commas, in quotes where they hold commas, quotes or line breaks.
 * Empty lines are no records.
 *
 * @throws ProvostError `INVALID_SYNTAX` for a quote that is not closed, `TOO_MANY`
 */
export function readCsv(text: string, most: number): readonly CsvRecord[] {
  const records: CsvRecord[] = [];
  let fields: string[] = [];
  let field = '';
  let quoted = false;
  let line = 1;
  let begun = 1;
  const end = (): void => {
    fields.push(field);
    if (fields.length > 1 || field.trim() !== '') records.push({ line: begun, fields });
    if (records.length > most) throw new ProvostError('TOO_MANY', `A file may have at most ${most} records.`);
    fields = [];
    field = '';
  };
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '\n') line += 1;
    if (quoted) {
      if (character !== '"') field += character;
      else if (text[at + 1] === '"') {
        field += '"';
        at += 1;
      } else quoted = false;
    } else if (character === '"' && field === '') quoted = true;
    else if (character === ',') {
      fields.push(field);
      field = '';
    } else if (character === '\n') {
      end();
      begun = line;
    } else if (character !== '\r') field += character;
  }
  if (quoted) throw new ProvostError('INVALID_SYNTAX', `The quote in the record of line ${begun} is not closed.`);
  if (fields.length > 0 || field !== '') end();
  return records;
}
