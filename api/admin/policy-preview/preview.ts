import type { ResourceId, TargetId } from '../../../domain/ids.ts';
import { findTarget, type Policy } from '../../../domain/policy.ts';
import { comparePolicies, type Effect } from '../../../domain/scope/compare-policies.ts';
import { type ComparePagesDependencies, comparedPage } from '../../../stores/compared-page.ts';
import { pauseByTime } from '../../../stores/pause-by-time.ts';
import type { ResourceStore } from '../../../stores/resources.ts';
import { walkResources } from '../../../stores/walk-resources.ts';

export interface PreviewDependencies extends ComparePagesDependencies {
  readonly resources: Pick<ResourceStore, 'walk' | 'namesOf'>;
}

/** How many resources an edit does something to at one target, and some of them. */
interface Tally {
  readonly counts: Record<Effect, number>;
  readonly sample: Record<Effect, ResourceId[]>;
}

const SAMPLE = 10;
const PAGE = 1_000;

/** Compares the configuration before and after an edit for every resource of the tenant. Nothing is written or sent. */
export async function previewEdit(from: Policy, to: Policy, dependencies: PreviewDependencies) {
  const comparison = comparePolicies(from, to);
  const tallies = new Map<TargetId, Tally>(comparison.targets.map((target) => [target, emptyTally()]));
  let examined = 0;
  const pause = pauseByTime();
  for (let cursor: string | undefined, isLast = tallies.size === 0; !isLast; ) {
    const { page, next } = await walkResources(dependencies.resources, from.tenant, cursor, PAGE);
    for (const resource of await comparedPage(page, [from, to], dependencies)) {
      examined += 1;
      for (const [target, effect] of comparison.effectsOn(resource))
        count(tallies.get(target), effect, resource.facts.id);
      await pause();
    }
    cursor = next;
    isLast = next === undefined;
  }
  return {
    from: from.version,
    examined,
    targets: [...tallies].map(([target, { counts, sample }]) => ({
      target,
      name: (findTarget(to, target) ?? findTarget(from, target))?.name ?? target,
      ...counts,
      sample,
    })),
  };
}

const emptyTally = (): Tally => ({
  counts: { gains: 0, loses: 0, changes: 0, unknown: 0 },
  sample: { gains: [], loses: [], changes: [], unknown: [] },
});

function count(tally: Tally | undefined, effect: Effect, id: ResourceId): void {
  if (tally === undefined) return;
  tally.counts[effect] += 1;
  if (tally.sample[effect].length < SAMPLE) tally.sample[effect].push(id);
}
