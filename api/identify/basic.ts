import { ProvostError } from '../../domain/errors.ts';
import { asServiceProviderId } from '../../domain/ids.ts';
import { personName } from '../../domain/person.ts';
import type { PasswordOrigin } from '../../platform/passwords.ts';
import type { FindCredential } from './credentials-cache.ts';
import type { FindPerson, Person } from './person.ts';
import { type Principal, principalFor } from './principal.ts';

export interface BasicDependencies {
  readonly findCredential: FindCredential;
  /** Whether the secret is the one behind the hash. Takes as long where there is no hash, so that names can't be guessed. */
  verifySecret(presented: {
    readonly id: string;
    readonly secret: string;
    readonly storedHash: string | undefined;
    readonly origin?: PasswordOrigin;
  }): Promise<boolean>;
  /** Absent: users can't identify themselves by their own passwords. */
  readonly findPerson?: FindPerson;
}

/** Stands for everybody who comes by no service provider of his own. */
const RESIDENT = asServiceProviderId('resident');

/** Name and password of an `Authorization: Basic` header (RFC 7617 §2). @throws ProvostError `UNAUTHENTICATED` */
export function readBasic(encoded: string): { readonly id: string; readonly secret: string } {
  const decoded = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  if (colon < 1) throw unauthenticated();
  return { id: decoded.slice(0, colon), secret: decoded.slice(colon + 1) };
}

/** HTTP Basic (RFC 7617). @throws ProvostError `UNAUTHENTICATED`, always with the same words */
export async function identifyBasic(
  { id, secret }: { readonly id: string; readonly secret: string },
  dependencies: BasicDependencies,
): Promise<Principal> {
  const credential = await dependencies.findCredential(id);
  const usable = credential?.kind === 'basic' ? credential : undefined;
  const person = credential === undefined ? await dependencies.findPerson?.(id) : undefined;
  const storedHash = usable?.secretHash ?? person?.passwordHash;
  const matches = await dependencies.verifySecret({ id, secret, storedHash });
  if (!matches) throw unauthenticated();
  if (person?.active) return principalOfPerson(person);
  if (usable === undefined) throw unauthenticated();
  return principalFor(usable, 'basic');
}

/** A person by himself has no scope and no role: what is open to him is /Me. */
export const principalOfPerson = ({ tenant, user }: Pick<Person, 'tenant' | 'user'>): Principal => ({
  tenant,
  credential: personName(user),
  serviceProvider: RESIDENT,
  scopes: [],
  roles: [],
  method: 'basic',
  user,
});

/** One wording for every reason: what was wrong is nobody's business who can't prove who he is. */
export const unauthenticated = (cause?: unknown): ProvostError =>
  new ProvostError(
    'UNAUTHENTICATED',
    'Send valid credentials: HTTP Basic, or an OAuth 2.0 bearer token that has not expired.',
    {},
    cause === undefined ? undefined : { cause },
  );
