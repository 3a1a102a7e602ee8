import { ERRORS } from '../../domain/errors.ts';
import { type Asked, readFailure } from '../http/read-failure.ts';

const ASKED: Readonly<Record<Asked, string>> = {
  look: 'when looking',
  create: 'when creating',
  change: 'when changing or deleting',
  'conditional-change': 'when changing a version of it',
};

interface Answer {
  readonly words: string;
  readonly status: number;
  readonly retryAfter?: string;
  readonly text?: string;
}

const ANSWERS: readonly Answer[] = [
  { words: '3xx', status: 307 },
  { words: '400', status: 400 },
  { words: '400 with scimType `uniqueness`', status: 400, text: '{"scimType":"uniqueness"}' },
  { words: '401', status: 401 },
  { words: '403', status: 403 },
  { words: '403 with Retry-After', status: 403, retryAfter: '1' },
  { words: '404, 410', status: 404 },
  { words: '408, 425', status: 408 },
  { words: '409', status: 409 },
  { words: '412', status: 412 },
  { words: '429', status: 429 },
  { words: 'any other 4xx', status: 422 },
  { words: '501, 505', status: 501 },
  { words: '503 with Retry-After', status: 503, retryAfter: '1' },
  { words: 'any other 5xx', status: 500 },
];

/** A table for the reference, made by asking {@link readFailure}. */
export function failuresInWords(): string {
  const columns = Object.entries(ASKED) as [Asked, string][];
  const rows = ANSWERS.map(({ words, status, retryAfter, text = '{}' }) => {
    const answer = { status, retryAfter, location: undefined, isJson: true, text };
    const codes = columns.map(([asked]) => readFailure(answer, asked, [], 0).code);
    return `| ${[words, ...codes.map((code) => `${code}${ERRORS[code].retryable ? ' ↻' : ''}`)].join(' | ')} |`;
  });
  return [
    `| answer | ${columns.map(([, words]) => words).join(' | ')} |`,
    `|${' --- |'.repeat(columns.length + 1)}`,
    ...rows,
  ].join('\n');
}
