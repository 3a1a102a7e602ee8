import type { Connection } from 'mongoose';
import { fromStored, toStored } from '../domain/scim/stored-form.ts';
import type { Sealer } from '../domain/sealing.ts';
import { createAuditTrail } from './audit.ts';
import { createAwaitedMemberStore } from './awaited-members.ts';
import { createChangeStore } from './changes.ts';
import { createCredentialStore } from './credentials.ts';
import { createDeviationStore } from './deviations.ts';
import { createLinkStore } from './links.ts';
import { createMembershipStore } from './memberships.ts';
import { createPolicyStore } from './policies.ts';
import { createResourceStore } from './resources.ts';
import { createSigningKeyStore } from './signing-keys.ts';

export type Stores = ReturnType<typeof openStores>;

/** Everything that is kept, over one connection. */
export function openStores(
  connection: Connection,
  sealer: Sealer,
  settings: { readonly policyCacheMs: number; readonly now: () => number },
) {
  return {
    resources: createResourceStore(connection, { toStored, fromStored }),
    changes: createChangeStore(connection, sealer),
    links: createLinkStore(connection, sealer),
    memberships: createMembershipStore(connection),
    awaitedMembers: createAwaitedMemberStore(connection),
    policies: createPolicyStore(connection, { currentForMs: settings.policyCacheMs, now: settings.now }),
    credentials: createCredentialStore(connection),
    signingKeys: createSigningKeyStore(connection, sealer),
    audit: createAuditTrail(connection),
    deviations: createDeviationStore(connection),
  };
}
