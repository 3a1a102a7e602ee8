import { asTargetId } from '../ids.ts';
import { type ApprovalRule, type ApprovalSubject, ruleFor } from './rule.ts';

/** Stands for whatever target a rule that names none holds for. */
const ANY_TARGET = asTargetId('');

/** Whether some rule may ask about a change: before it is written, or before it reaches a target. */
export const asksAnybody = (rules: readonly ApprovalRule[], subject: ApprovalSubject): boolean =>
  ruleFor(rules, subject) !== undefined ||
  rules.some((rule) => {
    if (rule.before !== 'target') return false;
    const target = rule.targets?.[0] ?? ANY_TARGET;
    // Where the target has no account yet, the operation there is a creation.
    return [subject.operation, 'create'].some(
      (operation) => ruleFor([rule], { ...subject, target, operation }) !== undefined,
    );
  });
