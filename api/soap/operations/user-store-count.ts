import { ProvostError } from '../../../domain/errors.ts';
import type { TypeQuery } from '../../../stores/list/list-query.ts';
import type { ListedResource } from '../../../stores/resources.ts';
import type { Call } from '../call.ts';
import type { Operation } from '../contract/operation.ts';
import { text } from '../contract/schema-types.ts';
import { PAIR_DTO } from '../contract/wso2-types.ts';
import { listNamed, queryFor } from '../find/query.ts';
import { domainOfRole, readRoleName, readUserName } from '../find/store-name.ts';
import { matchesPattern, patternFilter } from '../find/wildcards.ts';
import { claimFilter } from './claim-filter.ts';
import { findClaim } from './claim-writes.ts';

/** Most that are looked at one by one, where the database cannot count by itself. */
const MOST_LOOKED_AT = 10_000;

/** Whether the filter of a pattern lets through what the pattern does, and nothing else: at most one star, at an end. */
const isExact = (pattern: string): boolean => /^(?:\*?[^*?]*|[^*?]*\*)$/.test(pattern);

async function countWhere(
  call: Call,
  query: TypeQuery,
  counts: ((found: ListedResource) => boolean) | undefined,
): Promise<number> {
  const { dependencies, principal } = call;
  if (counts === undefined) return dependencies.resources.count(principal.tenant, [query]);
  const found = await listNamed(call, query, { most: MOST_LOOKED_AT + 1, counts });
  if (found.length > MOST_LOOKED_AT)
    throw new ProvostError('TOO_MANY', `More than ${MOST_LOOKED_AT} fit; use a pattern with one star, at its end.`);
  return found.length;
}

async function countUsers(call: Call, filter: string, domain: string): Promise<number> {
  const { store, name } = readUserName(`${domain}/${filter}`, call.serviceProvider.userStore);
  const query = queryFor(call.types.user, store, patternFilter('userName', name));
  return countWhere(
    call,
    query,
    isExact(name) ? undefined : ({ resource }) => matchesPattern(String(resource['userName']), name),
  );
}

/** Roles of one domain: of the user store, or of a domain that is part of their names. */
async function countRoles(call: Call, filter: string, domain: string): Promise<number> {
  const { store, name } = readRoleName(`${domain}/${filter}`, call.serviceProvider.userStore);
  const wanted = domainOfRole(name);
  const query = queryFor(call.types.group, store, patternFilter('displayName', name));
  // A pattern for the store's own roles is one for those with a domain in their names as well, so each is looked at.
  const counts = ({ resource }: ListedResource): boolean => {
    const displayName = String(resource['displayName']);
    return matchesPattern(displayName, name) && domainOfRole(displayName) === wanted;
  };
  const found = await countWhere(call, query, wanted !== undefined && isExact(name) ? undefined : counts);
  return wanted === 'Internal' && matchesPattern('Internal/everyone', name) ? found + 1 : found;
}

async function countByClaim(call: Call, uri: string, value: string, domain: string): Promise<number> {
  const { store } = readUserName(`${domain}/x`, call.serviceProvider.userStore);
  const claim = findClaim(call, uri);
  if (claim.attribute.name === 'groups')
    throw new ProvostError('INVALID_VALUE', 'Users are not counted by their groups; ask for the members of a role.');
  if (!isExact(value))
    throw new ProvostError(
      'INVALID_VALUE',
      'Users are counted by a value with at most one star, at its beginning or end.',
    );
  return countWhere(call, queryFor(call.types.user, store, claimFilter(claim, value)), undefined);
}

const filterOf = ({ given }: Call, name = 'filter'): string => given.plain(name).trim() || '*';
const domainOf = ({ given, serviceProvider }: Call): string =>
  given.plain('domain').trim() || serviceProvider.userStore;

const pairs = (counted: readonly (readonly [string, number])[]) =>
  counted.map(([key, value]) => ({ key, value: String(value) }));

export const COUNT_OPERATIONS: readonly Operation[] = [
  {
    name: 'countUsers',
    parameters: [text('filter')],
    returns: { type: PAIR_DTO, repeated: true },
    requires: [['list', 'User']],
    async run(call) {
      const { userStore } = call.serviceProvider;
      return pairs([[userStore, await countUsers(call, filterOf(call), userStore)]]);
    },
  },
  {
    name: 'countRoles',
    parameters: [text('filter')],
    returns: { type: PAIR_DTO, repeated: true },
    requires: [['view', 'Group']],
    async run(call) {
      const domains = [call.serviceProvider.userStore, 'Internal', 'Application'];
      const filter = filterOf(call);
      return pairs(
        await Promise.all(domains.map(async (domain) => [domain, await countRoles(call, filter, domain)] as const)),
      );
    },
  },
  {
    name: 'countClaim',
    parameters: [text('claimURI'), text('valueFilter')],
    returns: { type: PAIR_DTO, repeated: true },
    requires: [['list', 'User']],
    async run(call) {
      const { userStore } = call.serviceProvider;
      const uri = call.given.text('claimURI');
      return pairs([[userStore, await countByClaim(call, uri, filterOf(call, 'valueFilter'), userStore)]]);
    },
  },
  {
    name: 'countUsersInDomain',
    parameters: [text('filter'), text('domain')],
    returns: { type: 'long' },
    requires: [['list', 'User']],
    run: (call) => countUsers(call, filterOf(call), domainOf(call)),
  },
  {
    name: 'countRolesInDomain',
    parameters: [text('filter'), text('domain')],
    returns: { type: 'long' },
    requires: [['view', 'Group']],
    run: (call) => countRoles(call, filterOf(call), domainOf(call)),
  },
  {
    name: 'countByClaimInDomain',
    parameters: [text('claimURI'), text('valueFilter'), text('domain')],
    returns: { type: 'long' },
    requires: [['list', 'User']],
    run: (call) => countByClaim(call, call.given.text('claimURI'), filterOf(call, 'valueFilter'), domainOf(call)),
  },
  {
    name: 'getCountEnabledUserStores',
    parameters: [],
    returns: { type: 'string', repeated: true },
    requires: [['list', 'User']],
    run: async ({ serviceProvider }) => [serviceProvider.userStore],
  },
];
