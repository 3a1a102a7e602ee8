/**
 * `node api/signing-keys.ts list | rotate [--now] | drop <id>`: shows, adds and removes the keys that sign access tokens.
 * A new key signs in ten minutes, with `--now` at once. What a dropped key signed is refused within half a minute.
 */
import { parseArgs } from 'node:util';
import { isProvostError } from '../domain/errors.ts';
import { asTenantId } from '../domain/ids.ts';
import { ConfigurationError, loadConfig } from '../platform/config.ts';
import { createKeyRing } from '../platform/key-ring.ts';
import { createSealer } from '../platform/seal.ts';
import { ensureIndexes } from '../stores/connect.ts';
import { connectMigrated } from '../stores/migrations/connect-migrated.ts';
import { openStores } from '../stores/open-stores.ts';
import { recordKeysOf } from './oauth/record-keys.ts';
import { createSigningKeyRotation, type SigningKeyRotation } from './oauth/signing-key-rotation.ts';

const USAGE = 'Usage: node api/signing-keys.ts list | rotate [--now] | drop <id>';

class UsageError extends Error {}

type Command = (rotation: SigningKeyRotation) => Promise<string>;

const added = (kid: string, when: string): string => `Added key ${kid}. It signs ${when}.`;

const list: Command = async (rotation) => {
  const keys = await rotation.list();
  return keys.map(({ kid, state, signsFrom }) => `${kid}  ${state.padEnd(8)}  from ${signsFrom}`).join('\n');
};

const rotate =
  (isNow: boolean): Command =>
  async (rotation) =>
    isNow
      ? added(await rotation.rotate('at once'), 'from now on')
      : added(await rotation.rotate('soon'), 'in ten minutes');

const drop =
  (kid: string): Command =>
  async (rotation) => {
    const successors = await rotation.drop(kid);
    return [...successors.map((each) => added(each, 'from now on')), `Dropped key ${kid}.`].join('\n');
  };

/** @throws UsageError */
function commandIn(args: readonly string[]): Command {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { now: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const [name, kid, ...rest] = positionals;
  if (name === 'list' && kid === undefined && !values.now) return list;
  if (name === 'rotate' && kid === undefined) return rotate(values.now);
  if (name === 'drop' && kid !== undefined && rest.length === 0 && !values.now) return drop(kid);
  throw new UsageError(USAGE);
}

const isUsage = (error: unknown): boolean =>
  error instanceof UsageError ||
  (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'));

try {
  const command = commandIn(process.argv.slice(2));
  const config = loadConfig(process.env);
  const mongo = await connectMigrated(config.mongo);
  try {
    const sealer = createSealer(createKeyRing(config.encryption.keys));
    const { signingKeys, audit } = openStores(mongo, sealer, { policyCacheMs: 0, now: Date.now });
    await ensureIndexes(mongo);
    const record = recordKeysOf(audit, asTenantId(config.bootstrap.tenant), 'command');
    console.log(await command(createSigningKeyRotation(signingKeys, record, Date.now)));
  } finally {
    await mongo.close();
  }
} catch (error) {
  if (!(error instanceof ConfigurationError) && !isProvostError(error) && !isUsage(error)) throw error;
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
