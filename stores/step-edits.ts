import { type Connection, Schema } from 'mongoose';
import type { StepAction } from '../domain/change.ts';
import type { ChangeId, TargetId, TenantId } from '../domain/ids.ts';
import type { ScimObject } from '../domain/scim/resource.ts';
import type { Sealer } from '../domain/sealing.ts';
import type { SealedCollection } from './sealed-places.ts';

/** Attributes at a target that an operator wants sent otherwise than mapped, in one step. */
export interface StepEdit {
  readonly set: ScimObject;
  readonly remove: readonly string[];
}

/** The step that an edit is for: of this change, or of the burst that it is in. */
export interface EditedStep {
  readonly tenant: TenantId;
  readonly change: ChangeId;
  readonly target: TargetId;
}

interface EditDocument {
  readonly _id: string;
  readonly tenant: string;
  readonly edit?: string;
  readonly outcome?: StepAction;
  readonly expiresAt: Date;
}

const schema = new Schema<EditDocument>(
  {
    _id: { type: String, required: true },
    tenant: { type: String, required: true },
    edit: { type: String },
    outcome: { type: String },
    expiresAt: { type: Date, required: true },
  },
  { collection: 'step-edits', versionKey: false, strict: 'throw' },
);
schema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

/** An edit is kept for so long, done or not. */
const KEPT_MS = 30 * 86_400_000;

export type StepEditStore = ReturnType<typeof createStepEditStore>;

/** What operators edited in single steps. Values are sealed, and dropped when the step is done. */
export function createStepEditStore(connection: Connection, sealer: Sealer) {
  const documents = connection.model('StepEdit', schema).collection;

  return {
    /** Edits a step, in the place of an edit that it had. @param at ISO 8601 */
    async put(step: EditedStep, edit: StepEdit, at: string): Promise<void> {
      const { tenant } = step;
      const _id = idOf(step);
      const document: Omit<EditDocument, '_id'> = {
        tenant,
        edit: sealer.seal(edit, context(tenant, _id)),
        expiresAt: new Date(Date.parse(at) + KEPT_MS),
      };
      await documents.replaceOne({ _id: _id as never, tenant }, document as never, { upsert: true });
    },

    /** @returns the edit, or what the step did with it; undefined where there is none any more */
    async find(step: EditedStep): Promise<{ readonly edit: StepEdit } | { readonly outcome: StepAction } | undefined> {
      const { tenant } = step;
      const _id = idOf(step);
      const found = (await documents.findOne({ _id: _id as never, tenant })) as unknown as EditDocument | null;
      if (found?.outcome !== undefined) return { outcome: found.outcome };
      return found?.edit === undefined
        ? undefined
        : { edit: sealer.unseal(found.edit, context(tenant, _id)) as StepEdit };
    },

    /** The step is done: its values go, and doing it again does nothing. */
    async done(step: EditedStep, outcome: StepAction): Promise<void> {
      await documents.updateOne({ _id: idOf(step) as never, tenant: step.tenant } as never, {
        $set: { outcome },
        $unset: { edit: '' },
      });
    },
  };
}

const idOf = ({ change, target }: EditedStep): string => `${change}:${target}`;
const context = (tenant: string, id: string): string => `${tenant}/step-edits/${id}`;

export const SEALED_STEP_EDITS: SealedCollection = {
  collection: 'step-edits',
  placesIn: ({ _id, tenant = '' }) => [['edit', context(tenant, _id)]],
};
