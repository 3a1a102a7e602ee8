import type { z } from 'zod';
import { compileRisk } from '../../../domain/approval/risk.ts';
import type { ApprovalRule } from '../../../domain/approval/rule.ts';
import { isProvostError } from '../../../domain/errors.ts';
import { asResourceId, asServiceProviderId, asTargetId } from '../../../domain/ids.ts';
import { findTarget, type Policy } from '../../../domain/policy.ts';
import { InvalidRequest } from '../problem.ts';
import type { ruleList } from './schemas.ts';

type Given = z.output<typeof ruleList>[number];

/**
 * Rules as they were sent, checked against the policy that they become part of.
 *
 * @param where the field that holds them
 * @throws InvalidRequest where an expression cannot be read, or a target is not there
 */
export function toRules(given: readonly Given[], policy: Policy, where: string): ApprovalRule[] {
  const errors = given.flatMap((rule, index) => faultsOf(rule, policy, `${where}[${index}]`));
  if (errors.length > 0) throw new InvalidRequest(errors);
  return given.map(toRule);
}

function faultsOf(
  { risk, targets, before }: Given,
  policy: Policy,
  where: string,
): { path: string; message: string }[] {
  const unknown = (targets ?? []).flatMap((id, index) =>
    findTarget(policy, asTargetId(id)) === undefined
      ? [{ path: `${where}.targets[${index}]`, message: 'There is no target with this id.' }]
      : [],
  );
  if (targets !== undefined && before !== 'target')
    unknown.push({ path: `${where}.targets`, message: 'Only a rule with "before": "target" names targets.' });
  if (risk === undefined) return unknown;
  try {
    compileRisk(risk);
    return unknown;
  } catch (error) {
    if (!isProvostError(error)) throw error;
    return [...unknown, { path: `${where}.risk`, message: error.message }];
  }
}

function toRule({ serviceProviders, groups, targets, ...rest }: Given): ApprovalRule {
  return {
    // What was parsed from JSON is JSON, which has no undefined, at any depth.
    ...(JSON.parse(JSON.stringify(rest)) as Omit<ApprovalRule, 'serviceProviders' | 'groups' | 'targets'>),
    ...(serviceProviders === undefined ? {} : { serviceProviders: serviceProviders.map(asServiceProviderId) }),
    ...(groups === undefined ? {} : { groups: groups.map(asResourceId) }),
    ...(targets === undefined ? {} : { targets: targets.map(asTargetId) }),
  };
}
