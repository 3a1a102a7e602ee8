/**
 * `npm start`: everything in one terminal, with a demo tenant and a target that shows what arrives. Ctrl-C stops it;
 * the next start finds all data again.
 */

import { announce } from './demo/announce.ts';
import { startInstallation } from './demo/installation.ts';
import { CannotStartError } from './services/progress.ts';

const started = Date.now();
const say = (message: string): void => console.log(message);
let stop = async (): Promise<void> => undefined; // while it starts: leaving is enough, every part ends with this process
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, async () => {
    say('\nStopping…');
    await stop();
    say('Stopped. `npm start` finds everything again.');
    process.exit(0);
  });
}

try {
  const installation = await startInstallation(process.env, say);
  stop = installation.stop;
  say(
    announce(installation.facts, {
      seconds: (Date.now() - started) / 1000,
      isNew: installation.isNew,
      dataDir: installation.dataDir,
    }),
  );
  installation.onUnexpectedEnd((message) => {
    console.error(message);
    void installation.stop().then(() => process.exit(1));
  });
} catch (error) {
  if (!(error instanceof CannotStartError)) throw error;
  console.error(error.message);
  process.exit(1);
}
