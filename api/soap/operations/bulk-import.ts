import { isProvostError, ProvostError } from '../../../domain/errors.ts';
import { PRIMARY_STORE } from '../../../domain/policy.ts';
import type { Call } from '../call.ts';
import type { Operation } from '../contract/operation.ts';
import { bytes, text } from '../contract/schema-types.ts';
import { type ImportedUser, type RefusedRecord, readUserFile } from '../import/read-user-file.ts';
import { requirePermissions } from '../require-permissions.ts';
import { addUser } from './add-user.ts';

/** Users that are added at the same time. */
const AT_ONCE = 8;
/** Records whose failure is told one by one. */
const MOST_TOLD = 20;

type Outcome = { readonly line: number } & (
  | { readonly kind: 'added' | 'duplicate' }
  | { readonly kind: 'failed'; readonly why: string }
);

/** Each record is a change of its own, with ids that follow from the call's idempotency key and the record's line. */
async function importUser(call: Call, store: string, record: ImportedUser | RefusedRecord): Promise<Outcome> {
  const { line } = record;
  if ('refusal' in record) return { line, kind: 'failed', why: record.refusal };
  const { userName, password, roles, claims } = record;
  // As at WSO2 the store of the call counts, whatever domain the record names.
  const name = userName.includes('/') ? userName.slice(userName.indexOf('/') + 1) : userName;
  try {
    await addUser(call, { userName: `${store}/${name}`, password, roles, claims, part: `line ${line}` });
    return { line, kind: 'added' };
  } catch (error) {
    if (!isProvostError(error)) throw error;
    if (error.message.startsWith('30004')) return { line, kind: 'duplicate' };
    return { line, kind: 'failed', why: error.message };
  }
}

async function importUsers(
  call: Call,
  store: string,
  records: readonly (ImportedUser | RefusedRecord)[],
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  let next = 0;
  const run = async (): Promise<void> => {
    for (let record = records[next++]; record !== undefined; record = records[next++])
      outcomes.push(await importUser(call, store, record));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, run));
  return outcomes.sort((a, b) => a.line - b.line);
}

/** WSO2's words, and what it writes into its log only: which records, and why. */
function inWords(outcomes: readonly Outcome[]): string {
  const count = (kind: Outcome['kind']): number => outcomes.filter((outcome) => outcome.kind === kind).length;
  const troubles = outcomes.filter(({ kind }) => kind !== 'added');
  const told = troubles
    .slice(0, MOST_TOLD)
    .map((outcome) => `Line ${outcome.line}: ${outcome.kind === 'failed' ? outcome.why : 'the user name is taken'}`);
  const more = troubles.length > MOST_TOLD ? [`And ${troubles.length - MOST_TOLD} more.`] : [];
  const counts = `Success count : ${count('added')} Failed Count : ${count('failed')} Duplicate Count : ${count('duplicate')}`;
  return [`Bulk User Import was completed with Errors. ${counts}`, ...told, ...more].join('\n');
}

/** Adds the users of a CSV file: those that can be added are, whatever becomes of the others. */
export const BULK_IMPORT_USERS: Operation = {
  name: 'bulkImportUsers',
  parameters: [text('userStoreDomain'), text('fileName'), bytes('handler'), text('defaultPassword')],
  requires: [['create', 'User']],
  async run(call) {
    const { given } = call;
    const [fileName, content] = [given.plain('fileName'), given.plain('handler')];
    if (fileName === '' || content === '') throw new ProvostError('INVALID_VALUE', 'Required data not provided');
    const records = readUserFile(fileName, content, given.plain('defaultPassword'));
    // Asked once, so that a file is not half imported for want of it.
    if (records.some((record) => 'roles' in record && record.roles.length > 0))
      requirePermissions(call.principal, 'giving roles', [['update', 'Group']]);
    const outcomes = await importUsers(call, given.plain('userStoreDomain').trim() || PRIMARY_STORE, records);
    if (outcomes.some(({ kind }) => kind !== 'added')) throw new ProvostError('INVALID_VALUE', inWords(outcomes));
    return undefined;
  },
};
