import type { Credential, CredentialStore } from '../../stores/credentials.ts';

/** How long a process may go on with a credential that was removed by another process, milliseconds. */
const FRESH_FOR_MS = 2_000;

export type FindCredential = (id: string) => Promise<Credential | undefined>;

/** Credentials by id, each read from the database at most every two seconds. */
export function createCredentialsCache(
  store: CredentialStore,
  now: () => number,
): FindCredential & { forget(id: string): void } {
  const held = new Map<string, { readonly credential: Credential | undefined; readonly until: number }>();
  const find = async (id: string): Promise<Credential | undefined> => {
    const known = held.get(id);
    if (known !== undefined && known.until > now()) return known.credential;
    const credential = await store.findForAuthentication(id);
    // Names that nobody has are not kept: an attacker must not fill the memory.
    if (credential === undefined) held.delete(id);
    else held.set(id, { credential, until: now() + FRESH_FOR_MS });
    return credential;
  };
  return Object.assign(find, { forget: (id: string) => void held.delete(id) });
}
