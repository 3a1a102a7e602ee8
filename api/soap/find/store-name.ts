import { ProvostError } from '../../../domain/errors.ts';
import { PRIMARY_STORE } from '../../../domain/policy.ts';
import { roleNameNotValid, userNameNotValid } from '../faults.ts';

/** A name without its store, and the store that it is in. */
export interface StoreName {
  readonly store: string;
  readonly name: string;
}

/** Domains of roles that are no user stores (hybrid roles), as WSO2 writes them; they are part of the role's name. */
export const ROLE_DOMAINS = ['Internal', 'Application', 'Workflow'] as const;
type RoleDomain = (typeof ROLE_DOMAINS)[number];

/**
 * Takes `DOMAIN/name` apart. Without a domain it is the primary store's. A service provider that is bound to another
 * store finds everybody there, whatever the name says, as WSO2 has it for provisioning. Blanks around a name do not count.
 *
 * @param boundTo user store of the service provider
 * @throws ProvostError `INVALID_VALUE` for a name that is none, and for a store that does not exist
 */
export function readUserName(given: string, boundTo: string): StoreName {
  const { domain, name } = splitDomain(given);
  if (!isName(name)) throw userNameNotValid();
  if (boundTo !== PRIMARY_STORE) return { store: boundTo, name };
  requirePrimary(domain);
  return { store: PRIMARY_STORE, name };
}

/** The same for roles; `Internal/…`, `Application/…` and `Workflow/…` stay, spelt so. */
export function readRoleName(given: string, boundTo: string): StoreName {
  const { domain, name } = splitDomain(given);
  if (!isName(name)) throw roleNameNotValid();
  const role = roleDomain(domain);
  if (role !== undefined) return { store: boundTo, name: `${role}/${name}` };
  if (boundTo !== PRIMARY_STORE) return { store: boundTo, name };
  requirePrimary(domain);
  return { store: PRIMARY_STORE, name };
}

/** The domain of a role's name that is part of it; undefined where it is a user store's, or where it has none. */
export const domainOfRole = (roleName: string): RoleDomain | undefined => roleDomain(splitDomain(roleName).domain);

/** Whether there is a name behind its domain that somebody, or a role, can have. */
export const hasName = (given: string): boolean => isName(splitDomain(given).name);

/** As clients of WSO2 read it: the primary store is not named. */
export const writeName = (store: string, name: string): string => (store === PRIMARY_STORE ? name : `${store}/${name}`);

/** The same for roles, their domains spelt as WSO2 does, whatever SCIM called the group. */
export function writeRoleName(store: string, name: string): string {
  const { domain, name: bare } = splitDomain(name);
  const role = roleDomain(domain);
  return role === undefined ? writeName(store, name) : `${role}/${bare}`;
}

function splitDomain(given: string): { readonly domain: string | undefined; readonly name: string } {
  const trimmed = given.trim();
  const slash = trimmed.indexOf('/');
  return slash < 1
    ? { domain: undefined, name: trimmed }
    : { domain: trimmed.slice(0, slash).trim().toUpperCase(), name: trimmed.slice(slash + 1).trim() };
}

const roleDomain = (domain: string | undefined): RoleDomain | undefined =>
  ROLE_DOMAINS.find((known) => known.toUpperCase() === domain);

/** Not blank, without control characters and separators of lines. */
const isName = (name: string): boolean => name !== '' && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(name);

function requirePrimary(domain: string | undefined): void {
  if (domain === undefined || domain === PRIMARY_STORE) return;
  throw new ProvostError(
    'INVALID_VALUE',
    `There is no user store ${domain.slice(0, 64)}; users and roles are in ${PRIMARY_STORE}.`,
  );
}
