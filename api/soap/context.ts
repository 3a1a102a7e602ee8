import type { ResourceId, TenantId } from '../../domain/ids.ts';
import type { PasswordOrigin } from '../../platform/passwords.ts';
import type { MembershipStore } from '../../stores/memberships.ts';
import type { Principal } from '../identify/principal.ts';
import type { SignInLimits } from '../identify/sign-in-limits.ts';
import type { Scim2Dependencies } from '../scim2/context.ts';
import type { SoapAdministration } from './administration.ts';
import type { SoapSessions } from './sessions/sessions.ts';

/** What the SOAP services are given: the same door, stores and policies as SCIM's routes. */
export interface SoapDependencies
  extends Pick<
    Scim2Dependencies,
    'submit' | 'policies' | 'resources' | 'hashPassword' | 'fingerprint' | 'deriveId' | 'publicUrl' | 'now'
  > {
  readonly memberships: Pick<MembershipStore, 'ofMembers' | 'page'>;
  /** Whether anything was ever done about a resource of this id. */
  knowsResource(tenant: TenantId, resourceId: ResourceId): Promise<boolean>;
  /** Whether this is the password of the hash; takes as long where there is no hash. */
  verifyPassword(storedHash: string | undefined, password: string, origin?: PasswordOrigin): Promise<boolean>;
  /** What administrators may do by SOAP. */
  readonly administration: SoapAdministration;
  readonly sessions: SoapSessions;
  /** Who presents this name and password. @throws ProvostError `UNAUTHENTICATED`, `FORBIDDEN` for whoever is locked out */
  identify(presented: { readonly id: string; readonly secret: string }, origin: PasswordOrigin): Promise<Principal>;
  /** Limits guesses of users' passwords. */
  readonly signIns: Pick<SignInLimits, 'attempt'>;
}
