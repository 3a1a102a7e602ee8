import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { readPrivately, writePrivately } from './private-file.ts';

const schema = z.object({
  encryptionKey: z.string(),
  codecToken: z.string(),
  sandboxToken: z.string(),
  adminPassword: z.string(),
});

/** What a development installation keeps to itself from start to start. */
export type InstallationSecrets = z.output<typeof schema>;

/** Reads the secrets, or makes them at the first start. */
export function installationSecrets(file: string): InstallationSecrets {
  const known = readPrivately(file, schema);
  if (known !== undefined) return known;
  const text = (): string => randomBytes(24).toString('base64url');
  const secrets = {
    encryptionKey: `dev:${randomBytes(32).toString('base64')}`,
    codecToken: text(),
    sandboxToken: text(),
    adminPassword: text(),
  };
  writePrivately(file, `${JSON.stringify(secrets, null, 2)}\n`);
  return secrets;
}
