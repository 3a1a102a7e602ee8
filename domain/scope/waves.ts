import type { TargetId } from '../ids.ts';
import type { Target } from '../policy.ts';

export const DEFAULT_PRIORITY = 100;

type Ordered = Pick<Target, 'id' | 'order'>;

/**
 * When each of these targets is asked: those of wave 0 first and side by side, each later wave when all before it are
 * done. Lower priorities come first, and a target after those that it depends on, whatever its priority: it is then
 * treated as if it had the highest number among them.
 *
 * A dependency on a target that is not among these is met: it holds nothing of the resource that could be waited for.
 */
export function wavesOf(targets: readonly Ordered[]): Map<TargetId, number> {
  const byId = new Map(targets.map((target) => [target.id, target]));
  const places = new Map<TargetId, Place>();
  for (const target of targets) place(target, byId, places, new Set());
  const order = [...new Set([...places.values()].map(rank))].sort((a, b) => a - b);
  return new Map([...places].map(([id, found]) => [id, order.indexOf(rank(found))]));
}

interface Place {
  readonly priority: number;
  /** Steps below the first of this priority. */
  readonly depth: number;
}

/** Priorities are whole numbers up to a million, and there are far fewer targets than this between two of them. */
const rank = ({ priority, depth }: Place): number => priority * 100_000 + depth;

function place(
  target: Ordered,
  byId: ReadonlyMap<TargetId, Ordered>,
  places: Map<TargetId, Place>,
  above: Set<TargetId>,
): Place {
  const known = places.get(target.id);
  if (known !== undefined) return known;
  above.add(target.id);
  let priority = target.order?.priority ?? DEFAULT_PRIORITY;
  let depth = 0;
  for (const id of target.order?.dependsOn ?? []) {
    const other = byId.get(id);
    // A circle is refused where a target is saved; here it must only not go round for ever.
    if (other === undefined || above.has(id)) continue;
    const before = place(other, byId, places, above);
    if (before.priority > priority) ({ priority, depth } = { priority: before.priority, depth: 0 });
    if (before.priority === priority) depth = Math.max(depth, before.depth + 1);
  }
  above.delete(target.id);
  const found = { priority, depth };
  places.set(target.id, found);
  return found;
}

/** @returns the targets of a circle of dependencies, in its order, if there is one */
export function dependencyCircle(targets: readonly Ordered[]): readonly TargetId[] | undefined {
  const byId = new Map(targets.map((target) => [target.id, target]));
  const free = new Set<TargetId>();
  const follow = (id: TargetId, path: readonly TargetId[]): readonly TargetId[] | undefined => {
    if (path.includes(id)) return path.slice(path.indexOf(id));
    if (free.has(id)) return undefined;
    for (const next of byId.get(id)?.order?.dependsOn ?? []) {
      const circle = follow(next, [...path, id]);
      if (circle !== undefined) return circle;
    }
    free.add(id);
    return undefined;
  };
  for (const { id } of targets) {
    const circle = follow(id, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}
