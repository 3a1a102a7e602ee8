import type { z } from 'zod';
import type { AuditEntry } from '../../../domain/audit.ts';
import { STORE } from '../../../domain/change.ts';
import type { TargetId } from '../../../domain/ids.ts';
import { findTarget, type Policy } from '../../../domain/policy.ts';
import type { AwaitedReference } from '../../../stores/awaited-members.ts';
import type { ChangeRecord } from '../../../stores/changes.ts';
import type { Readable } from '../route.ts';
import { standingInWords, waitsOf } from './in-words.ts';
import type { changeTimeline, changeView } from './schemas.ts';

/** What targets are called now; one that was deleted has only its id left. */
export const namesIn =
  (policy: Policy) =>
  (id: TargetId): string =>
    id === STORE ? 'The user store' : (findTarget(policy, id)?.name ?? `the deleted target ${id}`);

type NameOf = ReturnType<typeof namesIn>;

/** What is told of a change: nothing that the client sent. */
export function viewOfChange(
  change: ChangeRecord,
  nameOf: NameOf,
  references: readonly AwaitedReference[] = [],
): Readable<z.input<typeof changeView>> {
  const { resourceId, ...rest } = change;
  const mine = references.filter((reference) => reference.resourceId === resourceId && isDoneAt(change, reference));
  const waits = waitsOf(change, nameOf, mine);
  return { ...rest, resource: resourceId, standing: standingInWords(change, waits, nameOf), waits };
}

/** What waits at a target concerns a change that the target has confirmed. */
const isDoneAt = ({ steps }: ChangeRecord, { target }: AwaitedReference): boolean =>
  steps.some((step) => step.target === target && step.result === 'confirmed');

export function viewOfTimeline(
  change: ChangeRecord,
  entries: readonly AuditEntry[],
  nameOf: NameOf,
  references: readonly AwaitedReference[] = [],
): Readable<z.input<typeof changeTimeline>> {
  const { decision, error, reference } = change;
  return {
    ...viewOfChange(change, nameOf, references),
    policyVersion: change.policyVersion,
    ...(reference === undefined ? {} : { version: reference.version }),
    ...(error === undefined ? {} : { error: { code: error.code, message: error.message, path: error.facts.path } }),
    ...(decision === undefined
      ? {}
      : {
          decision: {
            mode: decision.mode,
            targets: decision.reasons.map((reason) => ({ ...reason, name: nameOf(reason.target) })),
          },
        }),
    steps: change.steps.map((step) => ({ ...step, name: nameOf(step.target) })),
    timeline: entries,
  };
}
