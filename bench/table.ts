import { readFileSync, writeFileSync } from 'node:fs';
import type { Row } from './report-row.ts';

const BEGIN = '<!-- measured: begin -->';
const END = '<!-- measured: end -->';

/** The rows as a Markdown table. */
export function tableOf(rows: readonly Row[]): string {
  const lines = rows.map(({ measure, provost, compared, ratio, wanted, reached }) =>
    line([measure, provost, compared, ratio, wanted, reached === undefined ? '' : reached ? 'yes' : '**no**']),
  );
  return [
    line(['measure', 'Provost', 'against', 'ratio', 'wanted', 'reached']),
    line(Array(6).fill('---')),
    ...lines,
  ].join('\n');
}

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** Replaces what stands between the page's markers. */
export function writeBetweenMarkers(file: string, text: string): void {
  const page = readFileSync(file, 'utf8');
  const from = page.indexOf(BEGIN);
  const to = page.indexOf(END);
  if (from === -1 || to < from) throw new Error(`${file} lacks the markers ${BEGIN} and ${END}`);
  writeFileSync(file, `${page.slice(0, from + BEGIN.length)}\n\n${text}\n\n${page.slice(to)}`);
}
