import { type Approval, askedNow, lacksApprovers } from '../../../domain/approval/approval.ts';

/** An approval as people read it; stages are counted from 1. */
export const viewOf = (approval: Approval) => ({
  id: approval.id,
  change: approval.change,
  ...(approval.target === undefined ? {} : { target: approval.target }),
  state: approval.state,
  rule: approval.rule,
  operation: approval.operation,
  resourceType: approval.resourceType,
  resource: approval.resourceId,
  requester: approval.requester,
  askedAt: approval.askedAt,
  expiresAt: approval.expiresAt,
  stage: approval.stage + 1,
  stages: approval.stages.length,
  approvers: askedNow(approval),
  needs: approval.stages[approval.stage]?.needs ?? 1,
  lacksApprovers: approval.state === 'waiting' && lacksApprovers(approval),
  differences: approval.differences,
  ...(approval.unreadable === true ? { unreadable: true as const } : {}),
  decisions: approval.decisions.map((decision) => ({ ...decision, stage: decision.stage + 1 })),
});
