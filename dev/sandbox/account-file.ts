import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { isRecord } from '../../domain/scim/json.ts';

export type Kind = 'users' | 'groups';

/** A user or a group as SCIM shows it, without what is computed when it is read. */
export interface SandboxAccount {
  readonly id: string;
  readonly meta: { readonly created: string; readonly lastModified: string };
  readonly [attribute: string]: unknown;
}

export type Accounts = Record<Kind, Map<string, SandboxAccount>>;

interface Line {
  readonly kind: Kind;
  readonly id: string;
  /** Absent where it was deleted. */
  readonly account?: SandboxAccount;
}

export interface AccountFile {
  readonly accounts: Accounts;
  /** Users of this name, in any letter case: by an index, as a directory has one. */
  usersNamed(userName: string): readonly SandboxAccount[];
  /** Changes one account; on disk when it returns. */
  put(kind: Kind, account: SandboxAccount): void;
  remove(kind: Kind, id: string): void;
}

/** Accounts in memory and, where a file is given, in it: a line of JSON for each change, made short at each start. */
export function openAccountFile(path: string | undefined): AccountFile {
  const accounts: Accounts = { users: new Map(), groups: new Map() };
  const idsByName = new Map<string, Set<string>>();
  const apply = ({ kind, id, account }: Line): void => {
    if (kind === 'users') {
      const before = accounts.users.get(id);
      if (before !== undefined) idsByName.get(nameOf(before))?.delete(id);
      if (account !== undefined) idsByName.set(nameOf(account), (idsByName.get(nameOf(account)) ?? new Set()).add(id));
    }
    if (account === undefined) accounts[kind].delete(id);
    else accounts[kind].set(id, account);
  };
  if (path !== undefined) {
    for (const line of linesOf(path)) apply(line);
    shorten(path, accounts);
  }
  const record = (line: Line): void => {
    if (path !== undefined) appendFileSync(path, `${JSON.stringify(line)}\n`, { mode: 0o600 });
    apply(line);
  };
  return {
    accounts,
    usersNamed: (userName) =>
      [...(idsByName.get(userName.toLowerCase()) ?? [])]
        .map((id) => accounts.users.get(id))
        .filter((user) => user !== undefined),
    put: (kind, account) => record({ kind, id: account.id, account }),
    remove: (kind, id) => record({ kind, id }),
  };
}

const nameOf = (account: SandboxAccount): string => String(account['userName']).toLowerCase();

function linesOf(path: string): Line[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .map(parseLine)
    .filter((line) => line !== undefined);
}

/** The last line is broken where the process was killed in the middle of it; its request had no answer. */
function parseLine(text: string): Line | undefined {
  try {
    const line: unknown = JSON.parse(text);
    if (!isRecord(line) || (line['kind'] !== 'users' && line['kind'] !== 'groups')) return undefined;
    const { kind, id, account } = line;
    if (typeof id !== 'string') return undefined;
    return isRecord(account) ? { kind, id, account: account as SandboxAccount } : { kind, id };
  } catch {
    return undefined;
  }
}

function shorten(path: string, accounts: Accounts): void {
  const lines = (['users', 'groups'] as const).flatMap((kind) =>
    [...accounts[kind].values()].map((account) => `${JSON.stringify({ kind, id: account.id, account })}\n`),
  );
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, lines.join(''), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
