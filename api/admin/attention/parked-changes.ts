import { STORE } from '../../../domain/change.ts';
import { asChangeId, type TargetId } from '../../../domain/ids.ts';
import type { Policy } from '../../../domain/policy.ts';
import type { ChangeRecord } from '../../../stores/changes.ts';
import { namesIn, viewOfChange } from '../changes/view.ts';
import type { RoutesDependencies } from '../dependencies.ts';
import type { AttentionItem, AttentionSource } from './source.ts';

/** Changes with a step that waits for a decision, newest first. */
export const parkedChanges = (dependencies: Pick<RoutesDependencies, 'changes'>): AttentionSource =>
  changesParked('parked-change', false, dependencies);

/** Changes that could not be taken back everywhere. */
export const failedCompensations = (dependencies: Pick<RoutesDependencies, 'changes'>): AttentionSource =>
  changesParked('compensation-failed', true, dependencies);

function changesParked(
  kind: 'parked-change' | 'compensation-failed',
  undoing: boolean,
  { changes }: Pick<RoutesDependencies, 'changes'>,
): AttentionSource {
  return {
    kind,
    async read({ tenant, policy, target, code, after, limit }) {
      const [receivedAt = '', id = ''] = after?.split(' ') ?? [];
      const found = await changes.list(tenant, {
        parkedAt: {
          undoing,
          ...(target === undefined ? {} : { target }),
          ...(code === undefined ? {} : { code }),
        },
        limit: limit + 1,
        ...(after === undefined ? {} : { before: { receivedAt, id: asChangeId(id) } }),
      });
      const page = found.slice(0, limit);
      const last = page.at(-1);
      return {
        items: page.map((change) => itemOf(kind, change, policy)),
        ...(found.length > limit && last !== undefined ? { next: `${last.receivedAt} ${last.id}` } : {}),
      };
    },
  };
}

function itemOf(kind: AttentionItem['kind'], change: ChangeRecord, policy: Policy): AttentionItem {
  const nameOf = namesIn(policy);
  const view = viewOfChange(change, nameOf);
  const parked = change.steps.flatMap((step) => (step.result === 'parked' ? [step] : []));
  const [first] = parked;
  const since = parked.flatMap((step) => step.since ?? []).sort()[0] ?? change.receivedAt;
  const isUndone = kind === 'compensation-failed';
  return {
    ...view,
    kind,
    because: isUndone ? view.standing : (view.waits[0]?.because ?? view.standing),
    since,
    ...(first === undefined
      ? {}
      : { target: first.target, name: nameOf(first.target), code: first.code, targetSaid: first.message }),
    actions: [
      ...parked.flatMap(({ target, code }) => answersTo(code, target, policy)),
      ...actionsFor(parked, isUndone).map(([operation, verb]) => ({
        operation,
        method: 'POST' as const,
        path: `/tenants/${change.tenant}/changes/${change.id}/${verb}`,
      })),
    ],
  };
}

/** What answers a question that a target's step asks. */
function answersTo(code: string, target: TargetId, { tenant, identityProviders }: Policy): AttentionItem['actions'] {
  const provider = identityProviders.find(({ targets }) => targets.some(({ id }) => id === target));
  if (provider === undefined) return [];
  return (ANSWERS[code] ?? []).map(([operation, verb]) => ({
    operation,
    method: 'POST',
    path: `/tenants/${tenant}/identity-providers/${provider.id}/targets/${target}/${verb}`,
  }));
}

const ANSWERS: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  TARGET_AMBIGUOUS_MATCH: [['decideAccount', 'account-decisions']],
  TARGET_MATCH_UNDECIDED: [['decideAccount', 'account-decisions']],
  DELETION_STAGED: [
    ['approveStagedDeletions', 'state/staged-deletions/approve'],
    ['rejectStagedDeletions', 'state/staged-deletions/reject'],
  ],
};

function actionsFor(parked: readonly { readonly target: TargetId }[], isUndone: boolean): readonly Action[] {
  const isStore = parked.some(({ target }) => target === STORE);
  if (isUndone) return isStore ? [...UNDOING, EDIT] : UNDOING;
  // What is not stored, or not recorded, cannot be skipped.
  return isStore && parked.length === 1 ? [RETRY, RETRY_ALIKE, COMPENSATE] : PARKED;
}

type Action = readonly [operation: string, verb: string];

const RETRY: Action = ['retryChange', 'retry'];
const RETRY_ALIKE: Action = ['retryAlike', 'retry-alike'];
const EDIT: Action = ['editStep', 'edit'];
const COMPENSATE: Action = ['compensateChange', 'compensate'];

const UNDOING: readonly Action[] = [RETRY, ['skipChange', 'skip'], RETRY_ALIKE];

const PARKED: readonly Action[] = [...UNDOING, EDIT, COMPENSATE];
