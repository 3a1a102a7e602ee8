import type { TenantId } from '../../domain/ids.ts';
import type { IdentityProvider, Target } from '../../domain/policy.ts';
import { targetSecretContext } from '../../domain/target-secret-context.ts';
import { eachPage, type StoredDocument } from './each-page.ts';
import type { Migration, MigrationContext } from './migration.ts';

type OlderTarget = Target & { readonly boundSecrets?: Target['sealedSecrets'] };

/**
 * Secrets of targets were sealed to their target alone; now they are sealed to where they may be sent, too, in a field of
 * their own. What the older release reads stays beside it and is never opened by this one.
 */
export const bindTargetSecrets: Migration = {
  id: 'bind-target-secrets',
  description: 'seals the secrets of targets to the addresses that they may be sent to',
  run: (context) =>
    eachPage(context, { collection: 'policies' }, async (page) => {
      let [bound, unreadable] = [0, 0];
      for (const policy of page) {
        const found = boundIn(policy, context);
        bound += Object.keys(found.bound).length;
        unreadable += found.unreadable;
        if (context.isDryRun || Object.keys(found.bound).length === 0) continue;
        const { _id, tenant } = policy;
        await context.connection.collection('policies').updateOne({ _id: _id as never, tenant }, { $set: found.bound });
      }
      return { bound, ...(unreadable === 0 ? {} : { 'could not be opened': unreadable }) };
    }),
};

/** What is to be written: secrets by their path, for those that are not bound yet. */
function boundIn({ tenant, identityProviders }: StoredDocument, { sealer }: MigrationContext) {
  const bound: Record<string, string> = {};
  let unreadable = 0;
  for (const [provider, { targets }] of ((identityProviders ?? []) as IdentityProvider[]).entries()) {
    for (const [index, target] of (targets as OlderTarget[]).entries()) {
      for (const [name, sealed] of Object.entries(target.sealedSecrets)) {
        if (target.boundSecrets?.[name] !== undefined) continue;
        try {
          const value = sealer.unseal(sealed, `${tenant}/targets/${target.id}/${name}`);
          const path = `identityProviders.${provider}.targets.${index}.boundSecrets.${name}`;
          bound[path] = sealer.seal(value, targetSecretContext(tenant as TenantId, target, name));
        } catch {
          // Its key was dropped: nobody could open it before either.
          unreadable += 1;
        }
      }
    }
  }
  return { bound, unreadable };
}
