import { ProvostError } from '../../domain/errors.ts';
import type { StepContext } from './make-present.ts';

/** No account is two resources'. @throws ProvostError `TARGET_MATCH_UNDECIDED` */
export async function requireFree({ links, key, target }: StepContext, remoteId: string): Promise<void> {
  const holder = await links.otherHolder(key, remoteId);
  if (holder === undefined) return;
  throw new ProvostError(
    'TARGET_MATCH_UNDECIDED',
    `The account ${remoteId} at ${target.name} matches, and is that of the resource ${holder}. Unlink it there first, decide for another one, or match by something else.`,
  );
}
