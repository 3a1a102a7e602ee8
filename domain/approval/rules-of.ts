import type { Policy, ServiceProvider } from '../policy.ts';
import { type ApprovalRule, hasTargetRules } from './rule.ts';

/** The rules that changes of a service provider are held against: its own, else the tenant's. */
export const rulesOf = (policy: Policy, provider: ServiceProvider): readonly ApprovalRule[] =>
  provider.approvals ?? policy.approvals ?? [];

/** Whether anything may have been kept from a target. */
export const mayWithhold = (policy: Policy): boolean =>
  hasTargetRules(policy.approvals) || policy.serviceProviders.some(({ approvals }) => hasTargetRules(approvals));
