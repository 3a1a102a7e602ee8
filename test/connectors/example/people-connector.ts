import type { Dispatcher } from 'undici';
import { z } from 'zod';
import type { Account, AccountType, Connector } from '../../../connectors/connector.ts';
import { type Asked, readFailure, readSilence } from '../../../connectors/http/read-failure.ts';
import { sendRequest, UnansweredRequest } from '../../../connectors/http/send-request.ts';
import type { Capabilities } from '../../../domain/capabilities.ts';
import { isProvostError, ProvostError } from '../../../domain/errors.ts';
import type { ScimObject } from '../../../domain/scim/resource.ts';

/** Every field is described: the description is its documentation. */
export const peopleSettings = z.strictObject({
  baseUrl: z.url({ protocol: /^https?$/ }).describe('Where the people API is.'),
  key: z.string().min(1).max(500).describe('API key. Kept sealed.'),
});

type PeopleSettings = z.output<typeof peopleSettings>;

interface Person {
  readonly id: string;
  readonly login: string;
  readonly name?: string | null;
  readonly blocked?: boolean;
}

/** What people's accounts can take; the engine asks for nothing else. */
export const peopleCapabilities = (): Capabilities => ({
  types: ['User'],
  create: true,
  update: true,
  disable: true,
  delete: true,
  groups: false,
  patch: true,
  maxMembersPerRequest: 1,
});

/** A directory of people with a REST API of its own: GET, POST, PATCH and DELETE of /people. It has no groups. */
export function createPeopleConnector(
  { baseUrl, key }: PeopleSettings,
  { dispatcher }: { dispatcher: Dispatcher },
): Connector {
  async function call(
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    path: string,
    signal: AbortSignal,
    body?: object,
  ): Promise<unknown> {
    const asked: Asked = method === 'GET' ? 'look' : method === 'POST' ? 'create' : 'change';
    const request = {
      method,
      url: `${baseUrl}${path}`,
      headers: { 'x-api-key': key, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      timeoutMs: 10_000,
      maxAnswerBytes: 1_048_576,
    };
    try {
      const answer = await sendRequest(request, dispatcher, signal);
      if (answer.status >= 300) throw readFailure(answer, asked, [key, body, path], Date.now());
      return answer.status === 204 ? undefined : JSON.parse(answer.text ?? '');
    } catch (error) {
      if (error instanceof UnansweredRequest) throw readSilence(error, asked);
      // A success that cannot be read confirms nothing.
      if (!(error instanceof SyntaxError)) throw error;
      throw new ProvostError(asked === 'look' ? 'TARGET_UNAVAILABLE' : 'TARGET_OUTCOME_UNKNOWN', 'No JSON came back.');
    }
  }

  const patch = async (remoteId: string, body: object, signal: AbortSignal): Promise<unknown> =>
    call('PATCH', pathOf(remoteId), signal, body);

  return {
    capabilities: peopleCapabilities(),
    async find(type, { attribute, value, and }, signal) {
      requireUser(type);
      if (attribute !== 'userName' || and !== undefined)
        throw new ProvostError('TARGET_MISCONFIGURED', 'People are found by userName alone.');
      const people = (await call('GET', `/people?login=${encodeURIComponent(value)}`, signal)) as Person[];
      return people.slice(0, 2).map(toAccount);
    },
    async list(type, _cursor, signal) {
      requireUser(type);
      const people = (await call('GET', '/people', signal)) as Person[];
      return { accounts: people.map(toAccount) };
    },
    async read(type, remoteId, signal) {
      requireUser(type);
      const person = await unlessGone(call('GET', pathOf(remoteId), signal));
      return person === undefined ? undefined : toAccount(person as Person);
    },
    async create(type, content, signal) {
      requireUser(type);
      return toAccount((await call('POST', '/people', signal, toPerson(content))) as Person);
    },
    async update(type, remoteId, { after }, signal) {
      requireUser(type);
      return toAccount((await patch(remoteId, toPerson(after), signal)) as Person);
    },
    async disable(_type, remoteId, signal) {
      await unlessGone(patch(remoteId, { blocked: true }, signal));
    },
    async enable(_type, remoteId, signal) {
      await patch(remoteId, { blocked: false }, signal);
    },
    async delete(_type, remoteId, signal) {
      await unlessGone(call('DELETE', pathOf(remoteId), signal));
    },
    async changeMembers() {
      throw new ProvostError('TARGET_UNSUPPORTED', 'The people API has no groups.');
    },
    async test(signal) {
      await call('GET', '/people?login=nobody', signal);
    },
    async close() {},
  };
}

const pathOf = (remoteId: string): string => `/people/${encodeURIComponent(remoteId)}`;

const toPerson = (content: ScimObject): object => ({
  login: content['userName'],
  name: content['displayName'] ?? null,
  blocked: content['active'] === false,
});

const toAccount = ({ id, login, name, blocked }: Person): Account => ({
  remoteId: id,
  content: { userName: login, ...(name == null ? {} : { displayName: name }), active: blocked !== true },
});

function requireUser(type: AccountType): void {
  if (type !== 'User') throw new ProvostError('TARGET_UNSUPPORTED', 'The people API has no groups.');
}

async function unlessGone<Value>(calling: Promise<Value>): Promise<Value | undefined> {
  try {
    return await calling;
  } catch (error) {
    if (isProvostError(error, 'TARGET_NOT_FOUND')) return undefined;
    throw error;
  }
}
