import { escapeHtml } from '../../domain/escape-html.ts';
import type { Accounts, SandboxAccount } from './account-file.ts';

const MOST_SHOWN = 200;

export interface ArrivedRequest {
  readonly at: Date;
  readonly method: string;
  readonly path: string;
  readonly status: number;
}

/** What arrived here, for a person to look at; it renews itself. */
export const accountPage = (accounts: Accounts, arrived: readonly ArrivedRequest[]): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="2">
<title>Sandbox target</title>
<style>${STYLE}</style>
</head>
<body>
<header><h1>Sandbox target</h1><p>A SCIM 2.0 system that Provost provisions to. What you see is what it was told.</p></header>
<main>
${section('Users', accounts.users.size, ['User name', 'Name', 'E-mail', 'Department', 'State', 'Changed'], users(accounts))}
${section('Groups', accounts.groups.size, ['Name', 'Members', 'Changed'], groups(accounts))}
${section('Requests', arrived.length, ['At', 'Request', 'Answer'], arrived.map(requestRow))}
</main>
</body>
</html>
`;

const users = (accounts: Accounts): string[] => newest(accounts.users).map(userRow);

function userRow(user: SandboxAccount): string {
  const name = objectOf(user['name']);
  const full = text(user['displayName']) || [name['givenName'], name['familyName']].map(text).join(' ').trim();
  const enterprise = objectOf(user['urn:ietf:params:scim:schemas:extension:enterprise:2.0:User']);
  const emails = listOf(user['emails']).map((email) => text(email['value']));
  const state = user['active'] === false ? '<em class="off">inactive</em>' : '<em class="on">active</em>';
  const cells = [text(user['userName']), full, emails.join(', '), text(enterprise['department'])].map(escapeHtml);
  return row([`<strong>${cells[0] ?? ''}</strong>`, ...cells.slice(1), state, time(user)]);
}

function groups(accounts: Accounts): string[] {
  return newest(accounts.groups).map((group) => {
    const ids = listOf(group['members']).map((member) => text(member['value']));
    const names = ids.slice(0, 20).map((id) => text(accounts.users.get(id)?.['userName']) || id);
    const more = ids.length > names.length ? ` and ${ids.length - names.length} more` : '';
    const members = `${escapeHtml(names.join(', '))}${more}`;
    return row([`<strong>${escapeHtml(text(group['displayName']))}</strong>`, members, time(group)]);
  });
}

const requestRow = ({ at, method, path, status }: ArrivedRequest): string =>
  row([
    clock(at),
    `<code>${escapeHtml(`${method} ${path}`)}</code>`,
    `<em class="${status < 400 ? 'on' : 'off'}">${status}</em>`,
  ]);

const newest = (held: ReadonlyMap<string, SandboxAccount>): SandboxAccount[] =>
  [...held.values()]
    .sort((left, right) => right.meta.lastModified.localeCompare(left.meta.lastModified))
    .slice(0, MOST_SHOWN);

function section(title: string, count: number, heads: readonly string[], rows: readonly string[]): string {
  const head = heads.map((name) => `<th>${name}</th>`).join('');
  const none = `<tr><td colspan="${heads.length}" class="none">None yet.</td></tr>`;
  const body = rows.length === 0 ? none : rows.join('\n');
  const table = `<table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>`;
  return `<section><h2>${title} <small>${count}</small></h2><div>${table}</div></section>`;
}

const row = (cells: readonly string[]): string => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;

const time = (account: SandboxAccount): string => clock(new Date(account.meta.lastModified));

const clock = (at: Date): string => `<time>${at.toISOString().slice(0, 19).replace('T', ' ')}</time>`;

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

const objectOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

const listOf = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value.map(objectOf) : []);

const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#e3e6ea, #30363d); --soft: light-dark(#667085, #9aa4b2); }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0; background: light-dark(#f6f7f9, #0f1216); color: light-dark(#1b2430, #e6e9ed); }
header, main { max-width: 72rem; margin: 0 auto; padding: 1.5rem; }
header { padding-bottom: 0; }
h1 { font-size: 1.5rem; margin: 0; }
header p, h2 small, time, .none { color: var(--soft); }
header p { margin: 0.25rem 0 0; }
h2 { font-size: 1.05rem; margin: 0 0 0.5rem; }
h2 small { font-weight: 400; }
section { margin-bottom: 2rem; }
section div { overflow-x: auto; border: 1px solid var(--line); border-radius: 10px; background: light-dark(#fff, #161b22); }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: 0.5rem 0.9rem; white-space: nowrap; }
th { font-size: 0.8rem; font-weight: 600; color: var(--soft); }
td { border-top: 1px solid var(--line); }
em { font-style: normal; font-size: 0.85rem; padding: 0.1rem 0.55rem; border-radius: 1rem; }
.on { background: light-dark(#e3f6ea, #12351f); color: light-dark(#126b35, #7ee2a0); }
.off { background: light-dark(#fdeaea, #3d1618); color: light-dark(#a11a1a, #ff9d9d); }
time { font-variant-numeric: tabular-nums; }
`;
