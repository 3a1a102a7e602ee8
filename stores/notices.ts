import { type Connection, Schema } from 'mongoose';
import type { Notice } from '../domain/approval/notice.ts';
import type { ApprovalId, TenantId } from '../domain/ids.ts';
import { isDuplicateKey } from './connect.ts';
import { IdCollisionError } from './id-collision.ts';

const schema = new Schema(
  {
    _id: { type: String, required: true },
    tenant: { type: String, required: true },
    approval: { type: String, required: true },
    event: { type: String, required: true },
    stage: { type: Number, required: true },
    at: { type: String, required: true },
    channel: { type: String, required: true },
    receiver: { type: String, required: true },
    delegate: { type: String },
    state: { type: String, required: true },
    because: { type: String },
  },
  { collection: 'notices', versionKey: false, strict: 'throw' },
);
schema.index({ tenant: 1, approval: 1, at: 1 });

export type NoticeStore = ReturnType<typeof createNoticeStore>;

/** Which messages about an approval were sent to whom. No address and no content is kept. */
export function createNoticeStore(connection: Connection) {
  const documents = connection.model('Notice', schema).collection;
  const toNotice = ({ _id, ...rest }: object & { _id?: unknown }): Notice => ({ id: String(_id), ...rest }) as Notice;

  return {
    /** Those that are there already stay as they are. */
    async add(notices: readonly Notice[]): Promise<void> {
      for (const { id, ...notice } of notices)
        await documents.insertOne({ _id: id, ...notice } as never).catch(async (error: unknown) => {
          if (!isDuplicateKey(error)) throw error;
          if ((await this.find(notice.tenant, id)) === undefined) throw new IdCollisionError('notices');
        });
    },

    async find(tenant: TenantId, id: string): Promise<Notice | undefined> {
      const found = await documents.findOne({ _id: id as never, tenant });
      return found === null ? undefined : toNotice(found);
    },

    async end(tenant: TenantId, id: string, state: Notice['state'], because?: string): Promise<void> {
      const $set = { state, ...(because === undefined ? {} : { because }) };
      await documents.updateOne({ _id: id as never, tenant }, { $set });
    },

    /** In the order in which things happened. */
    async ofApproval(tenant: TenantId, approval: ApprovalId): Promise<Notice[]> {
      return (await documents.find({ tenant, approval }).sort({ at: 1, _id: 1 }).limit(1_000).toArray()).map(toNotice);
    },
  };
}
