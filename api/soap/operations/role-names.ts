import { foldCase } from '../../../domain/scim/fold-case.ts';
import type { Call } from '../call.ts';
import { EVERYONE } from '../find/find-role.ts';
import { listNamed, queryFor } from '../find/query.ts';
import { domainOfRole, ROLE_DOMAINS, readRoleName, writeRoleName } from '../find/store-name.ts';
import { matchesPattern, patternFilter } from '../find/wildcards.ts';

/** Most names of roles, or of a role's members, in one answer. */
export const MOST_ROLES = 10_000;

export interface RoleNames {
  /** In the order of their names, the role that everybody has first. */
  readonly names: readonly string[];
  /** Whether the user store has more that fit. */
  readonly hasMore: boolean;
}

/**
 * Names of roles that fit a pattern. As at WSO2, a pattern without a domain is for the part of a name behind
 * `Internal/`, `Application/` and `Workflow/` as well, and the limit is for the roles of the user store alone.
 *
 * @param pattern `staff*`, `Internal/*`, `PRIMARY/x`; empty: every one
 */
export async function roleNames(call: Call, pattern: string, most: number = MOST_ROLES): Promise<RoleNames> {
  const wanted = pattern.trim() === '' ? '*' : pattern;
  const domain = domainOfRole(wanted);
  if (domain !== undefined) return { names: inOrder(await listRoles(call, wanted, MOST_ROLES)), hasMore: false };
  const stored = await listRoles(call, wanted, most + 1);
  const hybrid = wanted.includes('/')
    ? []
    : await Promise.all(ROLE_DOMAINS.map((name) => listRoles(call, `${name}/${wanted}`, MOST_ROLES)));
  return { names: inOrder([...stored.slice(0, most), ...hybrid.flat()]), hasMore: stored.length > most };
}

/** Roles of one domain, or of the user store. */
async function listRoles(call: Call, pattern: string, most: number): Promise<readonly string[]> {
  const { store, name } = readRoleName(pattern, call.serviceProvider.userStore);
  const domain = domainOfRole(pattern);
  const query = queryFor(call.types.group, store, patternFilter('displayName', name));
  const found = await listNamed(call, query, {
    most,
    counts({ resource }) {
      const displayName = String(resource['displayName']);
      return matchesPattern(displayName, name) && domainOfRole(displayName) === domain;
    },
  });
  const names = found.map((role) => writeRoleName(role.store, String(role.resource['displayName'])));
  return domain === 'Internal' && matchesPattern(EVERYONE, name) ? [EVERYONE, ...names] : names;
}

function inOrder(names: readonly string[]): readonly string[] {
  const folded = new Map(names.map((name) => [name, name === EVERYONE ? '' : foldCase(name)]));
  const keyOf = (name: string): string => folded.get(name) ?? '';
  return [...folded.keys()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}
