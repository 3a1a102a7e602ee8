import { setTimeout as delay } from 'node:timers/promises';
import { isProvostError, ProvostError } from '../../domain/errors.ts';
import type { TenantId } from '../../domain/ids.ts';
import type { Policy } from '../../domain/policy.ts';
import { policyDifferences } from '../../domain/policy-differences.ts';
import type { PolicyStore } from '../../stores/policies.ts';
import type { Principal } from '../identify/principal.ts';
import { listed, type RecordDeed } from './record.ts';

/** Attempts of one edit among others. Each round somebody's edit gets through, so this many may come at once. */
const ATTEMPTS = 40;

export interface PolicyEditsDependencies {
  readonly policies: Pick<PolicyStore, 'current' | 'at' | 'write'>;
  readonly record: RecordDeed;
  now(): Date;
}

export interface EditRequest {
  readonly tenant: TenantId;
  readonly principal: Principal;
  /** Version in If-Match. */
  readonly expectedVersion?: string;
}

export interface Edited<Result> {
  /** What the next version shall hold; the version itself is counted here. */
  readonly policy: Policy;
  readonly result: Result;
}

export type PolicyEdits = ReturnType<typeof createPolicyEdits>;

/** Reads and edits of a tenant's configuration. Every edit is the next version of the whole policy. */
export function createPolicyEdits({ policies, record, now }: PolicyEditsDependencies) {
  /**
   * The newest version, also where another process wrote it a moment ago: the store may hold an older one in its
   * cache, but versions have no gaps, so asking for the next one until there is none finds it.
   *
   * @throws ProvostError `NOT_FOUND` where there is no such tenant
   */
  async function newest(tenant: TenantId): Promise<Policy> {
    let policy = await policies.current(tenant);
    for (;;) {
      const next = await policies.at(tenant, policy.version + 1).catch((error: unknown) => {
        if (isProvostError(error, 'NOT_FOUND')) return undefined;
        throw error;
      });
      if (next === undefined) return policy;
      policy = next;
    }
  }

  /**
   * Reads, changes and writes. Where somebody else wrote first it does all three again, unless the caller named the
   * version that he looked at.
   *
   * @param change pure: it may run several times, and throws what makes the edit impossible
   * @throws ProvostError `VERSION_MISMATCH` for another version than in If-Match
   */
  async function edit<Result>(
    request: EditRequest,
    change: (policy: Policy) => Edited<Result>,
  ): Promise<{ readonly result: Result; readonly version: number }> {
    for (let attempt = 1; ; attempt += 1) {
      const before = await newest(request.tenant);
      requireVersion(before, request.expectedVersion);
      const { policy, result } = change(before);
      const version = before.version + 1;
      const after = { ...policy, tenant: before.tenant, version };
      try {
        await policies.write(after, { by: request.principal.credential, at: now().toISOString() });
      } catch (error) {
        if (!isProvostError(error, 'CONCURRENT_WRITE') || attempt === ATTEMPTS) throw error;
        await delay(Math.random() * Math.min(5 * attempt, 100));
        continue;
      }
      const { created, changed, deleted } = policyDifferences(before, after);
      await record(request, 'configuration-changed', { version, ...listed({ created, changed, deleted }) });
      return { result, version };
    }
  }

  return { newest, edit };
}

/** @throws ProvostError `VERSION_MISMATCH` */
export function requireVersion(policy: Policy, expected: string | undefined): void {
  if (expected === undefined || expected === '*' || expected === String(policy.version)) return;
  throw new ProvostError(
    'VERSION_MISMATCH',
    `The configuration is at version ${policy.version} by now; read it again and decide again.`,
  );
}
