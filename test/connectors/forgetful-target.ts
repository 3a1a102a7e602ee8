import type { ScimObject, ScimValue } from '../../domain/scim/resource.ts';
import { type Behave, type FaultyTarget, startFaultyTarget } from './faulty-target.ts';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

/** What Keycloak 26.7 does to accounts, and other targets besides. All of it can be changed while it runs. */
export interface Manner {
  /** Top attributes that are taken without a word and not kept; groups keep their names. */
  drops: readonly string[];
  /** Top attributes that are kept in another form. */
  rewrites: Readonly<Record<string, (value: ScimValue) => ScimValue>>;
  /** Kept attributes that only whoever asks for them by name is shown. */
  onRequest: readonly string[];
  /** Kept attributes that answers to writes leave out; `all`: they have no body. */
  unanswered: readonly string[] | 'all';
  /** Answers to writes show what was sent, kept or not. */
  echoes: boolean;
  /** Whether an account can be read by its id. */
  readable: boolean;
}

const lower = (value: ScimValue): ScimValue => (typeof value === 'string' ? value.toLowerCase() : value);
const withoutSpaces = (value: ScimValue): ScimValue =>
  Array.isArray(value) ? value.map((each) => ({ value: String(each['value']).replaceAll(' ', '') })) : value;

export const LIKE_KEYCLOAK: Readonly<Manner> = {
  drops: ['displayName', 'externalId', 'title', 'phoneNumbers', ENTERPRISE],
  rewrites: { userName: lower },
  onRequest: ['members'],
  unanswered: [],
  echoes: true,
  readable: true,
};

export const REFORMATTING: Readonly<Omit<Manner, 'echoes'>> = {
  drops: [],
  rewrites: {
    userName: lower,
    phoneNumbers: withoutSpaces,
    name: (value) => ({ ...(value as ScimObject), formatted: 'Lovelace, A.' }),
  },
  onRequest: [],
  unanswered: [],
  readable: true,
};

export interface ForgetfulTarget extends FaultyTarget {
  readonly manner: Manner;
  /** Accounts and groups by their ids. */
  readonly held: Map<string, Record<string, ScimValue>>;
  /** Requests that are no reads, from the one with this number on. */
  writes(from?: number): readonly string[];
}

/** A SCIM server that confirms everything and keeps what it likes. */
export async function startForgetfulTarget(wish: Partial<Manner> = {}): Promise<ForgetfulTarget> {
  const manner: Manner = { ...LIKE_KEYCLOAK, ...wish };
  const held = new Map<string, Record<string, ScimValue>>();
  let made = 0;

  const kept = (account: ScimObject, kind: string): Record<string, ScimValue> =>
    Object.fromEntries(
      Object.entries(account)
        .filter(([name]) => !manner.drops.includes(name) || (kind === 'Groups' && name === 'displayName'))
        .map(([name, value]) => [name, manner.rewrites[name]?.(value) ?? value]),
    );
  const shown = (account: ScimObject, asked: readonly string[] = []): ScimObject =>
    Object.fromEntries(
      Object.entries(account).filter(([name]) =>
        asked.length > 0
          ? name === 'id' ||
            asked.some((each) => each === name || each.startsWith(`${name}.`) || each.startsWith(`${name}:`))
          : !manner.onRequest.includes(name),
      ),
    );
  const answered = (account: ScimObject, sent: ScimObject, status: number) => {
    const { unanswered } = manner;
    if (unanswered === 'all') return { kind: 'answer', status, body: { id: account['id'] ?? '' } } as const;
    const whole = manner.echoes ? { ...account, ...sent, id: account['id'] ?? '' } : account;
    const body = Object.fromEntries(Object.entries(shown(whole)).filter(([name]) => !unanswered.includes(name)));
    return { kind: 'answer', status, body } as const;
  };

  const behave: Behave = ({ method, path, body }) => {
    const { pathname, searchParams } = new URL(path, 'http://target');
    const [kind = '', id] = pathname.replace('/scim/v2/', '').split('/');
    if (id === undefined && method === 'POST') {
      made += 1;
      const sent = JSON.parse(body) as ScimObject;
      const account = { ...kept(sent, kind), id: `${kind}-${made}` };
      held.set(account.id, account);
      return answered(account, sent, 201);
    }
    if (id === undefined) {
      const [, attribute = '', value] = /^(\S+) eq "(.*)"$/.exec(searchParams.get('filter') ?? '') ?? [];
      const found = [...held.values()].filter(
        (account) =>
          String(account['id']).startsWith(`${kind}-`) &&
          (value === undefined || String(account[attribute]).toLowerCase() === value.toLowerCase()),
      );
      return {
        kind: 'answer',
        status: 200,
        body: { totalResults: found.length, startIndex: 1, Resources: found.map((account) => shown(account)) },
      };
    }
    const account = held.get(decodeURIComponent(id));
    if (account === undefined) return { kind: 'answer', status: 404, body: { status: '404' } };
    if (method === 'GET' && !manner.readable) return { kind: 'answer', status: 403, body: { status: '403' } };
    if (method === 'GET') {
      const asked = searchParams.get('attributes')?.split(',') ?? [];
      return { kind: 'answer', status: 200, body: shown(account, asked) };
    }
    if (method === 'DELETE') {
      held.delete(decodeURIComponent(id));
      return { kind: 'answer', status: 204 };
    }
    const after = patched(account, JSON.parse(body) as { readonly Operations: readonly Operation[] });
    const now = { ...kept(after, kind), id: account['id'] ?? '' };
    held.set(decodeURIComponent(id), now);
    return answered(now, after, 200);
  };

  const target = await startFaultyTarget({ behave });
  return {
    ...target,
    get connections() {
      return target.connections;
    },
    manner,
    held,
    writes: (from = 0) =>
      target.received
        .slice(from)
        .filter(({ method }) => method !== 'GET')
        .map(({ method, path }) => `${method} ${path}`),
  };
}

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly value?: ScimValue;
}

/** Replaces and removes attributes, those of complex ones and extensions too, and adds members. */
function patched(account: ScimObject, { Operations }: { readonly Operations: readonly Operation[] }): ScimObject {
  const after = structuredClone(account) as Record<string, ScimValue>;
  for (const { op, path, value } of Operations) {
    const [, urn, names = path] = /^(urn:.+):([^:]+)$/.exec(path) ?? [];
    const steps = urn === undefined ? names.split('.') : [urn, ...names.split('.')];
    const last = steps.pop() ?? '';
    let place = after;
    for (const step of steps) {
      const inner = { ...((place[step] ?? {}) as Record<string, ScimValue>) };
      place[step] = inner;
      place = inner;
    }
    if (op === 'remove') delete place[last];
    else if (op === 'add' && Array.isArray(value)) place[last] = [...((place[last] ?? []) as ScimValue[]), ...value];
    else place[last] = value ?? null;
  }
  return after;
}
