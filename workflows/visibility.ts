import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { STORE } from '../domain/change.ts';
import type { InFlight } from './in-flight.ts';
import type { Lane } from './lane.ts';
import type { ParkedStep, Standing } from './messages.ts';
import type { Records } from './records.ts';
import { searchAttributes } from './search-attributes.ts';
import type { WaitingChange, WaitingStep } from './waiting.ts';

export type WorkflowState = 'running' | 'waiting-approval' | 'parked' | 'settled';

/** Writes the state where it differs from what the list shows already: each write is an event. */
export function showState(state: WorkflowState, waitsFor?: string): void {
  const shown = workflowInfo().typedSearchAttributes;
  if (shown.get(searchAttributes.state) === state && shown.get(searchAttributes.waitsFor) === waitsFor) return;
  upsertSearchAttributes([
    { key: searchAttributes.state, value: state },
    ...(state === 'parked' || shown.get(searchAttributes.waitsFor) !== undefined
      ? [{ key: searchAttributes.waitsFor, value: waitsFor ?? null }]
      : []),
  ]);
}

/** What is shown of a resource's work. */
export interface Shown {
  readonly changes: ReadonlyMap<string, InFlight>;
  readonly lanes: ReadonlyMap<string, Lane>;
  readonly waiting: ReadonlyMap<string, WaitingChange>;
  readonly waitingSteps: ReadonlyMap<string, WaitingStep>;
  readonly records: Pick<Records, 'parked'>;
}

export function standingOf({ changes, lanes, waiting, waitingSteps, records }: Shown): Standing {
  const inStore = [
    ...[...changes.values()].flatMap(({ storeParked }) => storeParked ?? []),
    ...[...records.parked.values()].map(({ parked }) => parked),
  ];
  return {
    changes: [
      ...[...changes.values()].map(({ change, openTargets }) => ({
        id: change.id,
        operation: change.operation,
        open: openTargets,
      })),
      ...[...waiting.values()].map(({ change, awaits, expiresAt }) => ({
        id: change.id,
        operation: change.operation,
        open: [],
        waits:
          awaits.kind === 'approval'
            ? `an approval (${awaits.rule}) until ${expiresAt}`
            : `change ${awaits.change}, which touches the same attributes and waits for an approval`,
      })),
    ],
    targets: [
      ...inStore.map((parked) => ({ target: STORE, name: 'the user store', standing: parkedInWords(parked) })),
      ...[...lanes.values()].map((lane) => ({ target: lane.target, name: lane.name, standing: laneInWords(lane) })),
      ...[...waitingSteps.values()].map(({ change, target, rule, expiresAt }) => ({
        target,
        name: changes.get(change.id)?.stepAt(target)?.name ?? target,
        standing: `change ${change.id} waits for an approval (${rule}) until ${expiresAt}`,
      })),
    ],
  };
}

/** Tells an operator, on the workflow's own page, what happens and what to do. Goes through the codec like any payload. */
export function showDetails(standing: Standing): void {
  const changes = standing.changes.map(({ id, operation, open, waits }) =>
    waits !== undefined
      ? `- ${operation} (change ${id}) waits for ${waits}`
      : open.length === 0
        ? `- ${operation} (change ${id}) is being recorded`
        : `- ${operation} (change ${id}) waits for ${open.length} target(s)`,
  );
  const targets = standing.targets.map(({ name, standing: words }) => `- **${name}**: ${words}`);
  setCurrentDetails(
    [
      ...(changes.length > 0 ? ['### Changes', ...changes] : ['Everything is settled.']),
      ...(targets.length > 0 ? ['### Targets', ...targets] : []),
    ].join('\n'),
  );
}

function laneInWords(lane: Lane): string {
  if (lane.parked !== undefined) return parkedInWords(lane.parked);
  if (lane.waits !== undefined) return `waits: ${lane.waits}. It goes on by itself.`;
  return lane.isIdle ? 'up to date' : 'a step is under way; its attempts are under Pending Activities';
}

const parkedInWords = ({ since, message, code }: ParkedStep): string =>
  `parked since ${since}: ${message} (${code}). Send the update retryStep, skipStep or compensateChange.`;
