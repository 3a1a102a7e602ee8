/** A service that was started, or one that was there already. */
export interface ServiceHandle {
  /** Ends it in good order. Safe to call twice. */
  stop(): Promise<void>;
  /** Ends it as a crash would (SIGKILL), for tests of what survives. */
  kill(): Promise<void>;
  /** Starts it again after `stop` or `kill`, on the same data and ports. */
  restart(): Promise<void>;
}

/** The handle of a service that somebody else runs: it is never ours to stop. */
export function foreignService(name: string, variable: string): ServiceHandle {
  const refuse = async () => {
    throw new Error(`${name} given by ${variable} is not Provost's to kill or restart`);
  };
  return { stop: async () => undefined, kill: refuse, restart: refuse };
}
