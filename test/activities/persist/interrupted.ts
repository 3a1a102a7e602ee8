import type { ResourceId } from '../../../domain/ids.ts';
import type { Stores } from '../../../stores/open-stores.ts';
import type { Core } from './core.ts';

/** Runs something before the n-th call of the stores of resources and memberships. */
export function interrupted(stores: Stores, at: number, interrupt: () => Promise<void>) {
  let calls = 0;
  const wrapped = <T extends object>(store: T): T =>
    new Proxy(store, {
      get(of, name, receiver) {
        const method = Reflect.get(of, name, receiver) as unknown;
        if (typeof method !== 'function') return method;
        return async (...given: unknown[]) => {
          calls += 1;
          if (calls === at) await interrupt();
          return method.apply(of, given);
        };
      },
    });
  return {
    replaced: { resources: wrapped(stores.resources), memberships: wrapped(stores.memberships) },
    wasReached: () => calls >= at,
  };
}

/** A target that is told of a group's members as a step does it: by what changed since the version that it knows. */
export function targetOf(core: Core, group: ResourceId) {
  const held = new Set<ResourceId>();
  let known = 0;
  return {
    held: () => [...held].sort(),
    async step() {
      const stands = await core.stores.resources.find(core.tenant, 'Group', group);
      if (stands === undefined || stands.version === known) return;
      const page = { after: '', limit: 100 };
      const edges = await core.stores.memberships.changedSince(core.tenant, group, known, page);
      for (const { member, ended } of edges) ended ? held.delete(member) : held.add(member);
      known = stands.version;
    },
  };
}
