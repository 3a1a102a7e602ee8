import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServices } from '../dev/services/start-services.ts';
import { SEARCH_ATTRIBUTE_TYPES } from '../workflows/search-attributes.ts';
import { describeSurroundings } from './describe-surroundings.ts';

/** What people read while it runs; figures go to standard output. */
export const say = (message: string): void => console.error(message);

/** Temporal and MongoDB for one benchmark alone; their data is gone when they are stopped. */
export async function startOwnServers() {
  const dataDir = mkdtempSync(join(tmpdir(), 'provost-bench-'));
  const services = await startServices({
    dataDir,
    ports: { temporal: 0, mongodb: 0 },
    searchAttributes: SEARCH_ATTRIBUTE_TYPES,
    onProgress: say,
  });
  const { temporalAddress, mongodbUri } = services;
  return {
    dataDir,
    temporalAddress,
    mongodbUri,
    surroundings: () => describeSurroundings(services),
    async stop(): Promise<void> {
      await services.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
