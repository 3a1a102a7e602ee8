import type { ApprovalRule, NamedApprover } from './approval/rule.ts';
import type { ClaimMapping } from './claims/claim-mapping.ts';
import type { IdentityProviderId, ServiceProviderId, TargetId, TenantId } from './ids.ts';
import type { Mapping } from './mapping/mapping.ts';
import type { ReconciliationPolicy } from './reconciliation.ts';
import type { TenantSchemas } from './scim/schema/tenant-types.ts';
import type {
  BreakerPolicy,
  DeletionGuard,
  MatchingPolicy,
  RateLimit,
  Scope,
  ServiceWindow,
  TargetDependencies,
} from './target-rules.ts';

/**
 * `persist`: kept here, sent nowhere. `persist-and-provision`: kept, then sent.
 * `provision-only`: sent and not kept (WSO2 calls it dumb or proxy mode).
 */
export type Mode = 'persist' | 'persist-and-provision' | 'provision-only';

/** What happens when a step cannot succeed (design.md, flow 7). */
export type FailurePolicy = 'compensate' | 'continue' | 'park';

/** What a user's account becomes when its resource is gone. */
export type Deprovision = 'disable' | 'delete' | 'leave';

/** What a group there becomes when its resource is gone. `empty`: it stays, and all members are taken out. */
export type GroupDeprovision = 'delete' | 'empty' | 'leave';

export interface RetryPolicy {
  /** Milliseconds before the second attempt; doubled for each further one. Default 1 000. */
  readonly initialIntervalMs: number;
  /** Default 300 000 (5 minutes). */
  readonly maximumIntervalMs: number;
  /** 0 means as often as the age allows. Default 0. */
  readonly maximumAttempts: number;
  /** Milliseconds from the first attempt after which the step is given up. Default 86 400 000 (a day). */
  readonly giveUpAfterMs: number;
  /** Milliseconds without a sign of life after which a worker counts as lost. Default 10 000. */
  readonly heartbeatTimeoutMs: number;
}

/** A configured instance of a connector on an identity provider. */
export interface Target {
  readonly id: TargetId;
  readonly name: string;
  /** Connector type, e.g. `scim2`. */
  readonly connector: string;
  readonly enabled: boolean;
  /** A blocking target must succeed before the client is answered. */
  readonly blocking: boolean;
  readonly onFailure: FailurePolicy;
  readonly deprovision: Deprovision;
  /** Absent: `leave` where `deprovision` is, else `delete`. */
  readonly deprovisionGroups?: GroupDeprovision;
  readonly resourceTypes: readonly string[];
  /** Attribute, at the target, by which an existing account is found before one is created. */
  readonly matchBy: string;
  readonly mapping: Mapping;
  readonly retry: RetryPolicy;
  /** Most steps under way at once on this target. */
  readonly concurrency: number;
  /** Connector settings without the secret ones. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Secret settings, each sealed, by name. */
  readonly sealedSecrets: Readonly<Record<string, string>>;
  /** Who it is for; absent: everybody of its resource types. */
  readonly scope?: Scope;
  /** Where it stands among the targets of a change. */
  readonly order?: TargetDependencies;
  /** Whether changes of federated logins reach it. Default true. */
  readonly justInTime?: boolean;
  /** Days after which an account that was disabled is deleted; with `deprovision: disable`. */
  readonly deleteAfterDays?: number;
  /** How accounts that are there already are found; absent: by `matchBy` alone. */
  readonly matching?: MatchingPolicy;
  readonly rateLimit?: RateLimit;
  /** Absent: DEFAULT_BREAKER of domain/target-health.ts. */
  readonly breaker?: BreakerPolicy;
  readonly deletionGuard?: DeletionGuard;
  /** Absent: always. */
  readonly serviceWindows?: readonly ServiceWindow[];
  /** Deactivations and deletions do not wait for a service window. Default false. */
  readonly urgentOutsideWindows?: boolean;
  /** What is done where it turns out to hold something else; absent: differences are reported. */
  readonly reconciliation?: ReconciliationPolicy;
  /** Who answers for it: whom rules ask that name the target's owner. */
  readonly owners?: readonly NamedApprover[];
}

/** A trusted external system that carries outbound targets (and, later, a federated login). */
export interface IdentityProvider {
  readonly id: IdentityProviderId;
  readonly name: string;
  /** Default true. While it is false none of its targets is called, and the others go on. */
  readonly enabled?: boolean;
  readonly targets: readonly Target[];
}

/** A registered client that provisions into Provost. */
export interface ServiceProvider {
  readonly id: ServiceProviderId;
  readonly name: string;
  /** The resident one stands for everything not otherwise identified. */
  readonly resident: boolean;
  readonly mode: Mode;
  /** Domain of the user store that new users go to. */
  readonly userStore: string;
  /** Identity providers whose targets get this one's changes; absent: the resident one's, else the tenant's default. */
  readonly outbound?: readonly IdentityProviderId[];
  /** How far incoming SCIM may stray from the RFCs. */
  readonly conformance: 'strict' | 'tolerant' | 'observed';
  /** Rules of its own in the place of the tenant's; an empty list asks for nothing. Absent: the tenant's. */
  readonly approvals?: readonly ApprovalRule[];
  /**
   * What a client is answered while its change waits to be written. `accepted`: 202. `as-it-stands`: the resource, as it
   * is without the change; a creation is 202 all the same. Default `accepted`.
   */
  readonly whileWaiting?: 'accepted' | 'as-it-stands';
}

/** All of a tenant's policy at one version. Immutable: an edit writes the next version. */
export interface Policy extends TenantSchemas {
  readonly tenant: TenantId;
  readonly version: number;
  /** What the tenant is called; for people. */
  readonly name?: string;
  readonly serviceProviders: readonly ServiceProvider[];
  readonly identityProviders: readonly IdentityProvider[];
  /** Identity providers for service providers that name none themselves, where the resident one does not either. */
  readonly outbound?: readonly IdentityProviderId[];
  /** Which attributes the claims of SOAP clients are; absent: domain/claims/default-claims.ts. */
  readonly claims?: readonly ClaimMapping[];
  /** Which changes wait for an approval: the first that fits asks. For service providers without rules of their own. */
  readonly approvals?: readonly ApprovalRule[];
  /** What people may change of themselves beyond what domain/self-service.ts leaves to them. */
  readonly selfService?: SelfServicePolicy;
}

export interface SelfServicePolicy {
  /** Attributes of users, by name. */
  readonly open: readonly string[];
}

export const PRIMARY_STORE = 'PRIMARY';

export const DEFAULT_RETRY: RetryPolicy = {
  initialIntervalMs: 1_000,
  maximumIntervalMs: 300_000,
  maximumAttempts: 0,
  giveUpAfterMs: 86_400_000,
  heartbeatTimeoutMs: 10_000,
};

/**
 * What becomes of what a target holds of a resource that is gone. A group has no state that could be disabled (RFC 7643
 * §4.2): it is deleted, as other provisioning services do, unless the target is told to keep it.
 */
export function deprovisionOf(
  { deprovision, deprovisionGroups }: Pick<Target, 'deprovision' | 'deprovisionGroups'>,
  resourceType: string,
): Deprovision {
  if (resourceType !== 'Group') return deprovision;
  const groups = deprovisionGroups ?? (deprovision === 'leave' ? 'leave' : 'delete');
  return groups === 'empty' ? 'disable' : groups;
}

/** @returns the target with this id, enabled or not */
export const findTarget = (policy: Policy, id: TargetId): Target | undefined =>
  policy.identityProviders.flatMap((provider) => provider.targets).find((target) => target.id === id);

/** @returns the service provider with this id, else the resident one. Every policy has exactly one resident. */
export function findServiceProvider(policy: Policy, id: ServiceProviderId): ServiceProvider {
  const found = policy.serviceProviders.find((provider) => provider.id === id) ?? residentOf(policy);
  return found;
}

export function residentOf(policy: Policy): ServiceProvider {
  const resident = policy.serviceProviders.find((provider) => provider.resident);
  if (resident === undefined)
    throw new Error(`policy ${policy.version} of ${policy.tenant} has no resident service provider`);
  return resident;
}
