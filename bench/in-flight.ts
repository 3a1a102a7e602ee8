/** What a run of requests took. */
export interface Run {
  /** Milliseconds of each, sorted. */
  readonly latencies: readonly number[];
  readonly seconds: number;
}

/**
 * Does `work` for 0 to `count - 1`, `concurrency` at a time, and takes the time of each and of all.
 *
 * @param settle waited for after each, and not part of what it took
 */
export async function inFlight<Result>(
  { count, concurrency }: { readonly count: number; readonly concurrency: number },
  work: (index: number) => Promise<Result>,
  settle?: (result: Result) => Promise<void>,
): Promise<Run> {
  const latencies: number[] = [];
  let next = 0;
  const begun = performance.now();
  const lane = async (): Promise<void> => {
    while (next < count) {
      const index = next++;
      const from = performance.now();
      const result = await work(index);
      latencies.push(performance.now() - from);
      await settle?.(result);
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, count) }, lane));
  const seconds = (performance.now() - begun) / 1000;
  return { latencies: latencies.sort((left, right) => left - right), seconds };
}

/** @param share 0.5 for the median, 0.99 for p99 */
export const percentile = ({ latencies }: Pick<Run, 'latencies'>, share: number): number =>
  latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? Number.NaN;

export const median = (values: readonly number[]): number =>
  percentile({ latencies: [...values].sort((left, right) => left - right) }, 0.5);

export const perSecond = (run: Run): number => run.latencies.length / run.seconds;
