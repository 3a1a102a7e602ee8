import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startInstallation } from '../end-to-end/installation.ts';
import { newTenant } from '../end-to-end/tenant.ts';
import { pythonWith, run } from '../python-environment.ts';

const SCRIPT = fileURLToPath(new URL('./check_with_scim2_tester.py', import.meta.url));
const TESTER = { name: 'scim2-tester', version: '0.5.2', imports: 'scim2_tester, httpx2' };
const CLIENT = 'scim2-client[httpx2]==0.13.2';

interface Finding {
  readonly status?: string;
  readonly title?: string;
  readonly reason?: string;
  readonly counts?: Readonly<Record<string, number>>;
}

/** Not failures: what the suite itself leaves out for a server like this one. */
const HARMLESS = new Set(['SKIPPED', 'ACCEPTABLE']);

/**
 * The one that is meant: `active` has no other absence than false, and whoever leaves it out must neither enable nor disable
 * anybody. So removing it is refused.
 */
const isRemovalOfActive = ({ title, reason }: Finding): boolean =>
  title === 'check_remove_attribute' &&
  (reason ?? '').startsWith("Failed to remove attribute 'active': active is true or false");

test("python-scim's scim2-tester finds no failure", async (t) => {
  const environment = await pythonWith({ ...TESTER, besides: [CLIENT] });
  if ('missing' in environment) {
    t.skip(environment.missing);
    return;
  }
  const provost = await startInstallation();
  t.after(() => provost.stop());
  const tenant = await newTenant(provost.url, { mode: 'persist' });
  const { stdout } = await run(environment.python, [SCRIPT, `${provost.url}/scim/v2`, tenant.authorization], {
    timeout: 200_000,
    maxBuffer: 10_000_000,
  });
  const findings = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Finding);
  const counts = findings.at(-1)?.counts ?? {};
  t.diagnostic(JSON.stringify(counts));
  assert.ok((counts['SUCCESS'] ?? 0) > 50, JSON.stringify(counts));
  assert.deepEqual(
    findings.filter(
      (finding) => finding.status !== undefined && !HARMLESS.has(finding.status) && !isRemovalOfActive(finding),
    ),
    [],
  );
});
