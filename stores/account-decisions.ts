import { type Connection, Schema } from 'mongoose';
import type { ChangeId, ResourceId, TargetId, TenantId } from '../domain/ids.ts';

/**
 * What a person decided about a resource's account at a target. `link`: it is this one. `create`: none of those that are
 * there. `unlink`: what is known of it is forgotten, and the account is left alone.
 */
export type AccountDecision =
  | { readonly kind: 'link'; readonly remoteId: string }
  | { readonly kind: 'create' }
  | { readonly kind: 'unlink' };

export interface AccountKey {
  readonly tenant: TenantId;
  readonly target: TargetId;
  readonly resourceId: ResourceId;
}

const schema = new Schema(
  {
    _id: { type: String, required: true },
    tenant: { type: String, required: true },
    decision: { type: Schema.Types.Mixed, required: true },
    carriedOutBy: { type: String },
  },
  { collection: 'account-decisions', versionKey: false, strict: 'throw' },
);

export type AccountDecisionStore = ReturnType<typeof createAccountDecisionStore>;

/** Decisions that the next look at an account follows, and that are forgotten when it has. */
export function createAccountDecisionStore(connection: Connection) {
  const documents = connection.model('AccountDecision', schema).collection;
  return {
    async put(key: AccountKey, decision: AccountDecision): Promise<void> {
      await documents.updateOne(
        { _id: idOf(key) as never, tenant: key.tenant },
        { $set: { tenant: key.tenant, decision }, $unset: { carriedOutBy: '' } },
        { upsert: true },
      );
    },

    /** @param change whose step asks: one that carried a decision out, and is done again, finds it still */
    async find(key: AccountKey, change: ChangeId): Promise<AccountDecision | undefined> {
      const found = await documents.findOne({ _id: idOf(key) as never, tenant: key.tenant });
      const by = found?.['carriedOutBy'] as string | undefined;
      return found === null || (by !== undefined && by !== change) ? undefined : (found['decision'] as AccountDecision);
    },

    /** Kept for the step that carried it out: done again without it, that would match or create an account. */
    async carriedOut(key: AccountKey, change: ChangeId): Promise<void> {
      await documents.updateOne({ _id: idOf(key) as never, tenant: key.tenant }, { $set: { carriedOutBy: change } });
    },

    async remove(key: AccountKey): Promise<void> {
      await documents.deleteOne({ _id: idOf(key) as never, tenant: key.tenant });
    },
  };
}

const idOf = ({ tenant, target, resourceId }: AccountKey): string => `${tenant}:${target}:${resourceId}`;
