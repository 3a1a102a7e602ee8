import { ProvostError } from '../../domain/errors.ts';
import type { ChangeId } from '../../domain/ids.ts';
import { topOf } from '../../domain/mapping/paths.ts';
import type { Projection } from '../../domain/mapping/project.ts';
import type { ScimObject } from '../../domain/scim/resource.ts';
import type { StepEdit, StepEditStore } from '../../stores/step-edits.ts';
import type { Provisioned, ProvisionInput } from '../contract.ts';

export interface EditedDependencies {
  readonly stepEdits: Pick<StepEditStore, 'find' | 'done'>;
  now(): Date;
}

/**
 * Does a step with what an operator edited in it. Done once it stays done: a worker that takes it up from a lost one finds
 * the outcome, where sending what the mapping says would undo the edit.
 */
export async function withEdit(
  { tenant, target }: ProvisionInput,
  change: ChangeId,
  { stepEdits, now }: EditedDependencies,
  attempt: (edit: StepEdit) => Promise<Provisioned>,
): Promise<Provisioned> {
  const step = { tenant, change, target };
  const found = await stepEdits.find(step);
  if (found === undefined)
    throw new ProvostError(
      'TARGET_MISCONFIGURED',
      'What an operator edited in this step was kept for a month and is gone. Edit it again, or skip it.',
    );
  if ('outcome' in found) return { action: found.outcome, attempts: 1, at: now().toISOString() };
  const provisioned = await attempt(found.edit);
  await stepEdits.done(step, provisioned.action);
  return provisioned;
}

/** The projection with an edit on top: nothing that was confirmed, chosen or given once takes its place. */
export function editProjection(projection: Projection, { set, remove }: StepEdit): Projection {
  const edited = new Set([...Object.keys(set), ...remove]);
  const isLeft = (path: string): boolean => !edited.has(topOf(path));
  const left = (values: ScimObject): ScimObject =>
    Object.fromEntries(Object.entries(values).filter(([name]) => !edited.has(name)));
  const { account, kept, generated, initial } = projection;
  return {
    ...projection,
    account: { ...left(account), ...set },
    kept: kept.filter(isLeft),
    generated: generated.filter(({ target }) => isLeft(target)),
    initial: left(initial),
  };
}
