import type { ChangeSource } from '../change.ts';
import type { ResourceId, ServiceProviderId, TargetId } from '../ids.ts';
import { isRisky, type RiskFacts } from './risk.ts';
import { overlap } from './touches.ts';

/** Somebody who can be named: in a rule, or as the owner of a target. */
export interface NamedApprover {
  readonly kind: 'user' | 'credential' | 'group';
  readonly id: string;
}

/**
 * Who may be asked. `manager`: the one that the enterprise extension names as the subject's. `owner`: those of the
 * target that is waited for; before persisting, those of every target that the change would reach.
 */
export type Approver = NamedApprover | { readonly kind: 'manager' | 'owner' };

/** One round of asking. The next begins when enough have approved; one refusal ends the change. */
export interface ApprovalStage {
  readonly approvers: readonly Approver[];
  /** How many of them have to approve. */
  readonly needs: 'all' | number;
  /** Milliseconds after which the change is refused for lack of an answer. */
  readonly expiresAfterMs: number;
  /** Milliseconds between reminders of those who have not decided; absent: nobody is reminded. */
  readonly remindEveryMs?: number;
  /** Others who are asked beside them, where it is not decided after a while. */
  readonly escalation?: { readonly afterMs: number; readonly approvers: readonly Approver[] };
}

/** A client's operation that a rule can name. Deletions and deactivations are never held up. */
export type ApprovableOperation = 'create' | 'replace' | 'patch';

/** Which changes wait, where, and for whom. What is absent narrows nothing. */
export interface ApprovalRule {
  readonly name: string;
  /**
   * `persist`: nothing is written before the approval. `target`: it is written, and these targets don't learn of it
   * before the approval; the others do at once. Absent: `persist`.
   */
  readonly before?: 'persist' | 'target';
  /** Of a rule before targets: which. Absent: all. */
  readonly targets?: readonly TargetId[];
  /** CEL over the change that gives true where it has to be asked about; see risk.ts. */
  readonly risk?: string;
  readonly operations?: readonly ApprovableOperation[];
  readonly resourceTypes?: readonly string[];
  readonly sources?: readonly Exclude<ChangeSource, 'engine'>[];
  readonly serviceProviders?: readonly ServiceProviderId[];
  /** Names of attributes, of which the change touches at least one; those of an extension behind its URN and a colon. */
  readonly attributes?: readonly string[];
  /** Ids of groups whose members the change touches. */
  readonly groups?: readonly ResourceId[];
  readonly stages: readonly ApprovalStage[];
}

/** What rules are asked about. */
export interface ApprovalSubject {
  readonly operation: string;
  readonly resourceType: string;
  readonly resourceId: ResourceId;
  readonly source: ChangeSource;
  readonly serviceProvider: ServiceProviderId;
  readonly touches: readonly string[];
  /** The target that it is to reach; absent before persisting. */
  readonly target?: TargetId;
  /** What risk expressions see beside the rest. */
  readonly facts: RiskFacts;
  /** What of the facts nobody knows: an expression that asks for it has no answer. */
  readonly unknown?: readonly ('before' | 'after')[];
}

/** @returns the first rule that asks for an approval of the change */
export const ruleFor = (rules: readonly ApprovalRule[], subject: ApprovalSubject): ApprovalRule | undefined =>
  rules.find(
    (rule) =>
      (rule.before === 'target') === (subject.target !== undefined) &&
      (subject.target === undefined || rule.targets === undefined || rule.targets.includes(subject.target)) &&
      names(rule.operations, subject.operation) &&
      names(rule.resourceTypes, subject.resourceType) &&
      names(rule.sources, subject.source) &&
      names(rule.serviceProviders, subject.serviceProvider) &&
      (rule.attributes === undefined || overlap(rule.attributes, subject.touches)) &&
      (rule.groups === undefined ||
        (rule.groups.includes(subject.resourceId) && subject.touches.includes('members'))) &&
      (rule.risk === undefined || isRisky(rule.risk, subject)),
  );

/** Whether any change may have to wait before a target. */
export const hasTargetRules = (rules: readonly ApprovalRule[] | undefined): boolean =>
  rules?.some(({ before }) => before === 'target') ?? false;

const names = (listed: readonly string[] | undefined, value: string): boolean =>
  listed === undefined || listed.includes(value);
