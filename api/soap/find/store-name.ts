import { ProvostError } from '../../../domain/errors.ts';
import { PRIMARY_STORE } from '../../../domain/policy.ts';

/** A name without its store, and the store that it is in. */
export interface StoreName {
  readonly store: string;
  readonly name: string;
}

/** Domains of roles that are no user stores; they are part of the role's name. */
const ROLE_DOMAINS = ['INTERNAL', 'APPLICATION', 'WORKFLOW'];

/**
 * Takes `DOMAIN/name` apart. Without a domain it is the primary store's. A service provider that is bound to another
 * store finds everybody there, whatever the name says, as WSO2 has it for provisioning.
 *
 * @param boundTo user store of the service provider
 * @throws ProvostError `INVALID_VALUE` for a store that does not exist
 */
export function readUserName(given: string, boundTo: string): StoreName {
  const { domain, name } = splitDomain(given);
  if (name === '') throw new ProvostError('INVALID_VALUE', 'A user name has a name behind its domain.');
  if (boundTo !== PRIMARY_STORE) return { store: boundTo, name };
  requirePrimary(domain);
  return { store: PRIMARY_STORE, name };
}

/** The same for roles; `Internal/…`, `Application/…` and `Workflow/…` stay as they are. */
export function readRoleName(given: string, boundTo: string): StoreName {
  const { domain, name } = splitDomain(given);
  if (name === '') throw new ProvostError('INVALID_VALUE', 'A role name has a name behind its domain.');
  if (domain !== undefined && ROLE_DOMAINS.includes(domain)) return { store: boundTo, name: given };
  if (boundTo !== PRIMARY_STORE) return { store: boundTo, name };
  requirePrimary(domain);
  return { store: PRIMARY_STORE, name };
}

/** As clients of WSO2 read it: the primary store is not named. */
export const writeName = (store: string, name: string): string => (store === PRIMARY_STORE ? name : `${store}/${name}`);

function splitDomain(given: string): { readonly domain: string | undefined; readonly name: string } {
  const slash = given.indexOf('/');
  return slash < 1
    ? { domain: undefined, name: given }
    : { domain: given.slice(0, slash).toUpperCase(), name: given.slice(slash + 1) };
}

function requirePrimary(domain: string | undefined): void {
  if (domain === undefined || domain === PRIMARY_STORE) return;
  throw new ProvostError(
    'INVALID_VALUE',
    `There is no user store ${domain.slice(0, 64)}; users and roles are in ${PRIMARY_STORE}.`,
  );
}
