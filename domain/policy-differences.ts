import type { Policy } from './policy.ts';

/** What an edit of a tenant's configuration did, in names: `target:42` is new, `target:42.retry` was changed. No values. */
export interface PolicyDifferences {
  readonly created: readonly string[];
  readonly changed: readonly string[];
  readonly deleted: readonly string[];
}

type Part = Readonly<Record<string, unknown>>;

export function policyDifferences(before: Policy, after: Policy): PolicyDifferences {
  const [old, now] = [partsOf(before), partsOf(after)];
  return {
    created: [...now.keys()].filter((name) => !old.has(name)),
    changed: [...now].flatMap(([name, part]) => fieldsChanged(name, old.get(name), part)),
    deleted: [...old.keys()].filter((name) => !now.has(name)),
  };
}

/** Everything in a policy that has an identity of its own, and `tenant` with its other settings. */
function partsOf(policy: Policy): ReadonlyMap<string, Part> {
  const { tenant: _tenant, version: _version, serviceProviders, identityProviders, ...rest } = policy;
  const { schemas = [], resourceTypes = [], ...settings } = rest;
  return new Map<string, Part>([
    ['tenant', settings],
    ...serviceProviders.map((one) => [`service-provider:${one.id}`, one as unknown as Part] as const),
    ...identityProviders.flatMap(({ targets, ...one }) => [
      [`identity-provider:${one.id}`, one as unknown as Part] as const,
      ...targets.map((target) => [`target:${target.id}`, target as unknown as Part] as const),
    ]),
    ...schemas.map((one) => [`schema:${one.id}`, one as unknown as Part] as const),
    ...resourceTypes.map((one) => [`resource-type:${one.name}`, one as unknown as Part] as const),
  ]);
}

function fieldsChanged(name: string, before: Part | undefined, after: Part): string[] {
  if (before === undefined || before === after) return [];
  const fields = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...fields].filter((field) => !isSame(before[field], after[field])).map((field) => `${name}.${field}`);
}

const isSame = (left: unknown, right: unknown): boolean =>
  left === right || JSON.stringify(left) === JSON.stringify(right);
