/**
 * `node worker/verify-audit.ts [--tenant ID] [--seals FILE]`: verifies every audit chain and every seal of all tenants, or of
 * one. With a file of seals that were written out (JSON lines), each must still be in the database as it is there.
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { asTenantId, type TenantId } from '../domain/ids.ts';
import { ConfigurationError, loadConfig } from '../platform/config.ts';
import { createKeyRing } from '../platform/key-ring.ts';
import { createSealer } from '../platform/seal.ts';
import type { AuditSeal } from '../stores/audit/seals.ts';
import { connectMongo } from '../stores/connect.ts';
import { openStores } from '../stores/open-stores.ts';

async function sealsIn(file: string | undefined): Promise<readonly AuditSeal[]> {
  const lines = file === undefined ? [] : (await readFile(file, 'utf8')).split('\n');
  return lines.filter((line) => line.trim() !== '').map((line) => JSON.parse(line) as AuditSeal);
}

try {
  const { values } = parseArgs({ options: { tenant: { type: 'string' }, seals: { type: 'string' } } });
  const kept = await sealsIn(values.seals);
  const config = loadConfig(process.env);
  const mongo = await connectMongo(config.mongo);
  try {
    const sealer = createSealer(createKeyRing(config.encryption.keys));
    const { audit, policies } = openStores(mongo, sealer, { policyCacheMs: 0, now: Date.now });
    const tenants: readonly TenantId[] =
      values.tenant === undefined
        ? (await policies.newestVersions()).map(({ tenant }) => tenant)
        : [asTenantId(values.tenant)];
    for (const tenant of tenants) {
      const ofTenant = new Map(kept.filter((seal) => seal.tenant === tenant).map((seal) => [seal.number, seal]));
      const { seals, broken } = await audit.verifySeals(tenant, ofTenant);
      const faults = broken === undefined ? [] : [`seal ${broken.seal}: ${broken.reason}`];
      let chains = 0;
      for await (const resourceId of audit.chainsOf(tenant)) {
        chains += 1;
        const verdict = await audit.verify(tenant, resourceId);
        if (verdict.broken !== undefined)
          faults.push(`chain of ${resourceId}, entry ${verdict.broken.sequence}: ${verdict.broken.reason}`);
      }
      console.log(`${tenant}: ${chains} chains and ${seals} seals verified, ${faults.length} faults`);
      for (const fault of faults) console.error(`${tenant}: ${fault}`);
      if (faults.length > 0) process.exitCode = 1;
    }
  } finally {
    await mongo.close();
  }
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
