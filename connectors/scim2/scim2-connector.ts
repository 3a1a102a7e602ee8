import type { Dispatcher } from 'undici';
import type { Capabilities } from '../../domain/capabilities.ts';
import { isProvostError, ProvostError } from '../../domain/errors.ts';
import type { AccountType, Connector } from '../connector.ts';
import { createAuthoriser } from './authorise.ts';
import { createCallTarget } from './call-target.ts';
import { emptyGroup, patchMembers, readMembers, replaceMembers } from './change-members.ts';
import { findAccounts, listAccounts } from './find-accounts.ts';
import { patchBody, patchOperations } from './patch-body.ts';
import { readAccount } from './read-account.ts';
import type { Scim2Settings } from './settings.ts';
import { testTarget } from './test-target.ts';
import {
  accountPath,
  createAccount,
  type Place,
  replaceAccount,
  requireAccount,
  updateAccount,
} from './write-account.ts';

export interface Scim2Dependencies {
  /** Keeps connections and guards addresses. Closing it is its owner's affair. */
  readonly dispatcher: Dispatcher;
  readonly now?: () => number;
}

/** What a target can do, by its settings. */
export const scim2Capabilities = ({ update, maxMembersPerRequest, capabilities }: Scim2Settings): Capabilities => ({
  ...capabilities,
  types: capabilities.groups ? ['User', 'Group'] : ['User'],
  patch: update === 'patch',
  maxMembersPerRequest,
});

/** A target that speaks SCIM 2.0 (RFC 7644). */
export function createScim2Connector(settings: Scim2Settings, dependencies: Scim2Dependencies): Connector {
  const { dispatcher, now = Date.now } = dependencies;
  const { requestTimeoutMs: timeoutMs, maxMembersPerRequest } = settings;
  const authoriser = createAuthoriser(settings.authentication, { dispatcher, timeoutMs, now });
  const call = createCallTarget(settings, { dispatcher, authoriser, now });
  const patches = settings.update === 'patch';

  const placeOf = (type: AccountType, signal: AbortSignal): Place => {
    const endpoint = (type === 'User' ? settings.usersPath : settings.groupsPath).replace(/^\//, '');
    if (type === 'User' || settings.capabilities.groups) return { type, endpoint, signal };
    throw new ProvostError('TARGET_UNSUPPORTED', 'The target takes no groups, as its settings say.');
  };
  // A group is linked by its name; its members are changed one by one and may be a great many.
  const excludedOf = (type: AccountType): string | undefined => (type === 'Group' ? 'members' : undefined);

  async function setActive(place: Place, remoteId: string, active: boolean): Promise<void> {
    if (!patches) {
      await replaceAccount(call, place, remoteId, (held) => ({ ...held, active }));
      return;
    }
    const body = patchBody(patchOperations({ active: !active }, { active }, settings.patchPaths));
    const { signal } = place;
    await call({ method: 'PATCH', path: accountPath(place, remoteId), body, carried: [remoteId], signal });
  }

  return {
    capabilities: scim2Capabilities(settings),

    async find(type, match, signal) {
      return findAccounts(call, { path: placeOf(type, signal).endpoint, match, excluded: excludedOf(type), signal });
    },

    async list(type, cursor, signal) {
      return listAccounts(call, { path: placeOf(type, signal).endpoint, excluded: excludedOf(type), signal }, cursor);
    },

    async read(type, remoteId, signal) {
      const excluded = excludedOf(type);
      const answer = await call({
        method: 'GET',
        path: accountPath(placeOf(type, signal), remoteId),
        ...(excluded === undefined ? {} : { query: { excludedAttributes: excluded } }),
        accept: ({ status }) => status === 404 || status === 410,
        carried: [remoteId],
        signal,
      });
      if (answer.status >= 400) return undefined;
      const { content } = requireAccount(answer);
      return { remoteId, content };
    },

    async readAttributes(type, remoteId, attributes, signal) {
      const answer = await call({
        method: 'GET',
        path: accountPath(placeOf(type, signal), remoteId),
        query: { attributes: attributes.join(',') },
        accept: ({ status }) => status === 404 || status === 410,
        carried: [remoteId],
        signal,
      });
      return answer.status >= 400 ? undefined : readAccount(answer.body)?.content;
    },

    async readMembers(remoteId, signal) {
      return readMembers(call, placeOf('Group', signal), remoteId);
    },

    async create(type, content, signal) {
      return createAccount(call, placeOf(type, signal), content);
    },

    async update(type, remoteId, update, signal) {
      return updateAccount(call, placeOf(type, signal), remoteId, update, settings);
    },

    async disable(type, remoteId, signal) {
      const place = placeOf(type, signal);
      if (type === 'Group') await unlessGone(emptyGroup(call, place, remoteId, patches));
      else await unlessGone(setActive(place, remoteId, false));
    },

    async enable(type, remoteId, signal) {
      await setActive(placeOf(type, signal), remoteId, true);
    },

    async delete(type, remoteId, signal) {
      const path = accountPath(placeOf(type, signal), remoteId);
      await unlessGone(call({ method: 'DELETE', path, carried: [remoteId], signal }));
    },

    async changeMembers(remoteId, members, signal) {
      const place = placeOf('Group', signal);
      if (members.add.length + members.remove.length === 0) return;
      if (patches) await patchMembers(call, place, remoteId, members, maxMembersPerRequest);
      else await replaceMembers(call, place, remoteId, members);
    },

    async test(signal) {
      await testTarget(call, placeOf('User', signal));
    },

    async close() {
      authoriser.forget();
    },
  };
}

/** What is gone needs no more doing. */
async function unlessGone(doing: Promise<unknown>): Promise<void> {
  try {
    await doing;
  } catch (error) {
    if (!isProvostError(error, 'TARGET_NOT_FOUND')) throw error;
  }
}
