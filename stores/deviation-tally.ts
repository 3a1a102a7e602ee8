import type { ServiceProviderId, TenantId } from '../domain/ids.ts';
import type { Deviation, DeviationCode } from '../domain/scim/deviation.ts';
import type { DeviationIncrement, DeviationStore } from './deviations.ts';

/** How long a process keeps counts to itself, milliseconds. */
export const DEVIATIONS_EVERY_MS = 2_000;

/** Different counts that are kept at once; there are few codes, so this is many service providers. */
const MOST = 10_000;

export type DeviationTally = ReturnType<typeof createDeviationTally>;

/**
 * Gathers deviations in memory and adds them to the store every few seconds: a client that errs in each of a thousand
 * requests costs one write. What a process counted last is lost if it is killed.
 */
export function createDeviationTally(store: Pick<DeviationStore, 'add'>, everyMs: number) {
  let counts = new Map<string, DeviationIncrement>();
  let timer: NodeJS.Timeout | undefined;

  async function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const due = counts;
    counts = new Map();
    // A count that cannot be written is not worth a failure of anything; it is tried again with the next one.
    await store.add([...due.values()]).catch(() => {
      for (const increment of due.values()) add(increment);
    });
  }

  function add(increment: DeviationIncrement): void {
    const { tenant, serviceProvider, code, count } = increment;
    const key = `${tenant} ${serviceProvider} ${code}`;
    const known = counts.get(key);
    if (known === undefined && counts.size >= MOST) return;
    counts.set(key, known === undefined ? increment : { ...known, ...increment, count: known.count + count });
    // Nothing waits for it: a process that ends flushes by itself.
    timer ??= setTimeout(() => void flush(), everyMs).unref();
  }

  return {
    observe(
      client: { readonly tenant: TenantId; readonly serviceProvider: ServiceProviderId },
      deviations: readonly Deviation[],
    ): void {
      const lastSeen = new Date().toISOString();
      const { tenant, serviceProvider } = client;
      const counted = new Map<DeviationCode, Deviation>(deviations.map((deviation) => [deviation.code, deviation]));
      // One request counts once for each thing that it did, however often it did it.
      for (const deviation of counted.values()) add({ tenant, serviceProvider, ...deviation, count: 1, lastSeen });
    },

    async close(): Promise<void> {
      await flush();
    },
  };
}
