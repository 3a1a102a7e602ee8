import type { Finding, FindingQuery } from '../../../stores/findings.ts';

const COLUMNS = [
  'situation',
  'action',
  'state',
  'resourceType',
  'resourceId',
  'remoteId',
  'attributes',
  'note',
  'foundAt',
] as const satisfies readonly (keyof Finding)[];

export type ReportFormat = 'csv' | 'jsonl';

export const MEDIA_TYPES: Readonly<Record<ReportFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  jsonl: 'application/jsonl; charset=utf-8',
};

/** The whole report, a chunk a page of findings. Without values of persons: those are read one by one. */
export async function* reportLines(
  format: ReportFormat,
  page: (query: Pick<FindingQuery, 'after' | 'limit'>) => Promise<readonly Finding[]>,
): AsyncGenerator<string> {
  if (format === 'csv') yield `${COLUMNS.join(',')}\r\n`;
  for (let after: string | undefined; ; ) {
    const found = await page({ limit: 500, ...(after === undefined ? {} : { after }) });
    if (found.length > 0) yield found.map(format === 'csv' ? asCsv : asJson).join('');
    after = found.at(-1)?.id;
    if (found.length < 500) return;
  }
}

const asJson = (finding: Finding): string =>
  `${JSON.stringify(Object.fromEntries(COLUMNS.map((name) => [name, finding[name]])))}\n`;

const asCsv = (finding: Finding): string =>
  `${COLUMNS.map((name) => cell([finding[name] ?? ''].flat().join(' '))).join(',')}\r\n`;

/** RFC 4180. A text that a spreadsheet would take for a formula is made one that it doesn't: ids are the target's own. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
