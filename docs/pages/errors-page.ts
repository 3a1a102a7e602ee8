import { ERRORS, type ErrorCode, type ErrorTraits } from '../../domain/errors.ts';
import { ERROR_WORDS } from './error-words.ts';

const HEAD = `# Errors

Every failure that Provost can name has a code. The code is stable: it is in the body of answers of the administration
API, in the type of a failed activity or update in Temporal, in the log and in the audit trail. SCIM clients see the
HTTP status and, where RFC 7644 has one, the \`scimType\`.

*Retryable* says whether doing the same again can help without anybody changing anything. Where it says yes, a step of a
change is tried again by itself, as the target's retry policy says; where it says no, the target's failure policy decides
at once: park, skip or compensate ([operate](../guides/operate.md)).

This page is made from \`domain/errors.ts\` and \`docs/pages/error-words.ts\` by \`node docs/write-reference.ts\`.
`;

/** The page docs/reference/errors.md. */
export function errorsPage(): string {
  const codes = Object.entries(ERRORS) as [ErrorCode, ErrorTraits][];
  const fromTargets = codes.filter(([code]) => code.startsWith('TARGET_'));
  const fromUs = codes.filter(([code]) => !code.startsWith('TARGET_'));
  return [HEAD, section('Of a request', fromUs), section('Of a target', fromTargets)].join('\n');
}

const section = (title: string, codes: readonly [ErrorCode, ErrorTraits][]): string =>
  [
    `## ${title}\n`,
    '| code | HTTP | scimType | kind | retryable | what it means | what helps |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...codes.map(([code, { status, scimType, kind, retryable }]) => {
      const { means, helps } = ERROR_WORDS[code];
      return `| \`${code}\` | ${status} | ${scimType ?? ''} | ${kind} | ${retryable ? 'yes' : 'no'} | ${means} | ${helps} |`;
    }),
    '',
  ].join('\n');
