import { createHash, randomBytes } from 'node:crypto';
import { maySignIn } from '../../../domain/account.ts';
import type { TenantId } from '../../../domain/ids.ts';
import { personNamed } from '../../../domain/person.ts';
import type { ResourceStore } from '../../../stores/resources.ts';
import type { SoapSessionStore } from '../../../stores/soap-sessions.ts';
import { principalOfPerson } from '../../identify/basic.ts';
import type { FindCredential } from '../../identify/credentials-cache.ts';
import { type Principal, principalFor } from '../../identify/principal.ts';

/** Without a call for so long, a session ends; milliseconds. */
const IDLE_MS = 30 * 60_000;
/** However often it is used; milliseconds. */
const LONGEST_MS = 12 * 60 * 60_000;
/** What is used often is written no more often than that; milliseconds. */
const EXTENDED_EVERY_MS = 60_000;

export interface SoapSessionsDependencies {
  readonly store: SoapSessionStore;
  readonly findCredential: FindCredential;
  readonly resources: Pick<ResourceStore, 'find'>;
  now(): number;
}

export type SoapSessions = ReturnType<typeof createSoapSessions>;

/**
 * Sessions of SOAP clients. A session is as good as what it was begun with: it ends when the credential is deleted or gets
 * another secret, when the person gets another password, is disabled, locked or deleted.
 */
export function createSoapSessions({ store, findCredential, resources, now }: SoapSessionsDependencies) {
  /** Who calls by that credential now, and what proves it. */
  async function standing(
    tenant: TenantId,
    credential: string,
  ): Promise<{ readonly principal: Principal; readonly proof: string } | undefined> {
    const user = personNamed(credential);
    if (user === undefined) {
      const found = await findCredential(credential);
      if (found?.kind !== 'basic' || found.tenant !== tenant) return undefined;
      return { principal: principalFor(found, 'basic'), proof: digest(found.secretHash) };
    }
    const person = await resources.find(tenant, 'User', user);
    if (person?.passwordHash === undefined || !maySignIn(person.resource)) return undefined;
    return { principal: principalOfPerson({ tenant, user: person.id }), proof: digest(person.passwordHash) };
  }

  return {
    /** @returns the token; undefined where whoever signed in is gone meanwhile */
    async begin({ tenant, credential }: Principal): Promise<string | undefined> {
      const found = await standing(tenant, credential);
      if (found === undefined) return undefined;
      const token = randomBytes(32).toString('base64url');
      const createdAt = new Date(now());
      const expiresAt = new Date(now() + IDLE_MS);
      await store.add({ id: digest(token), tenant, credential, proof: found.proof, createdAt, expiresAt });
      return token;
    },

    /** @returns undefined where the session has ended */
    async resume(token: string): Promise<Principal | undefined> {
      const session = await store.find(digest(token));
      if (session === undefined) return undefined;
      const { id, tenant, credential, proof, createdAt, expiresAt } = session;
      const found = expiresAt.getTime() > now() ? await standing(tenant, credential) : undefined;
      if (found?.proof !== proof) {
        await store.remove(tenant, id);
        return undefined;
      }
      const next = Math.min(now() + IDLE_MS, createdAt.getTime() + LONGEST_MS);
      if (next - expiresAt.getTime() >= EXTENDED_EVERY_MS) await store.extend(tenant, id, new Date(next));
      return found.principal;
    },

    /** Whose session it is that has not ended yet. */
    async holderOf(token: string): Promise<Pick<Principal, 'tenant' | 'credential'> | undefined> {
      const session = await store.find(digest(token));
      if (session === undefined || session.expiresAt.getTime() <= now()) return undefined;
      return { tenant: session.tenant, credential: session.credential };
    },

    end: ({ tenant }: Pick<Principal, 'tenant'>, token: string): Promise<void> => store.remove(tenant, digest(token)),
  };
}

const digest = (secret: string): string => createHash('sha256').update(`soap session ${secret}`).digest('base64url');
