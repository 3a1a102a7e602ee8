export interface AttentionOptions {
  /** As many have it in any case. */
  readonly keep: number;
  /** Milliseconds that it lasts for the others. */
  readonly idleMs: number;
  now(): number;
}

/** Who is attended to, of more than can be: whoever had something to do lately, and the latest `keep` of the others. */
export function createAttention({ keep, idleMs, now }: AttentionOptions) {
  /** In the order in which it was given last: a map keeps the order in which its keys were added. */
  const given = new Map<string, number>();
  let chosen: ReadonlySet<string> = new Set();

  return {
    give(name: string): void {
      given.delete(name);
      given.set(name, now());
    },

    /** Chooses anew. What is not among `all` may be a moment too new for it; after a while it is forgotten. */
    choose(all: readonly string[]): ReadonlySet<string> {
      const there = new Set(all);
      const since = now() - idleMs;
      for (const [name, at] of given) if (!there.has(name) && at <= since) given.delete(name);
      const latest = [...given].reverse().filter(([name]) => there.has(name));
      const busy = latest.filter(([, at], index) => index < keep || at > since).map(([name]) => name);
      const rest = all.filter((name) => !given.has(name)).slice(0, Math.max(0, keep - busy.length));
      chosen = all.length <= keep ? there : new Set([...busy, ...rest]);
      return chosen;
    },

    /** Whether it was among the last choice. */
    has: (name: string): boolean => chosen.has(name),
  };
}
