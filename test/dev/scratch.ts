import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** An empty folder that goes with the test. */
export function scratchFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'provost-dev-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The environment without servers that somebody else runs, so that a test starts its own. */
export function ownEnvironment(changes: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const { TEMPORAL_ADDRESS: _temporal, MONGODB_URI: _mongodb, ...rest } = process.env;
  return { ...rest, ...changes };
}

export const silent = (): void => undefined;

/** Every record of a process in the data folder. */
export const recordFiles = (dataDir: string): string[] =>
  ['temporal', 'mongodb'].flatMap((service) =>
    readdirSync(join(dataDir, service))
      .filter((name) => ['owner.json', 'process.json', 'postgres.json', 'ferretdb.json', 'mongod.json'].includes(name))
      .map((name) => join(dataDir, service, name)),
  );
