/** What a benchmark's own process does to be started and stopped by `startProcess`. */

export const settingsOf = <Settings>(): Settings => JSON.parse(process.env['BENCH_SETTINGS'] ?? '{}') as Settings;

/**
 * Tells the starter that this process serves, and ends it when the starter asks for it or is gone.
 *
 * @param count answers the starter's `count()`
 */
export function readySignal(
  facts: Readonly<Record<string, unknown>>,
  stop: () => void | Promise<void>,
  count?: () => number,
): void {
  let isStopping = false;
  const end = async (): Promise<void> => {
    if (isStopping) return;
    isStopping = true;
    await stop();
    if (process.connected) process.disconnect();
  };
  process.on('message', (message) => {
    if (message === 'count') process.send?.(count?.() ?? 0);
    else void end();
  });
  process.on('disconnect', () => void end());
  process.on('SIGINT', () => undefined); // Ctrl-C reaches the whole group; the starter decides the order
  process.send?.(facts);
}
