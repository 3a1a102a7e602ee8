import { type Approval, approvalIdOf, untilOf } from '../../domain/approval/approval.ts';
import type { Difference } from '../../domain/approval/difference.ts';
import { type ApprovalRule, ruleFor } from '../../domain/approval/rule.ts';
import { rulesOf } from '../../domain/approval/rules-of.ts';
import { superseded, type Withheld, withheldBy } from '../../domain/approval/withheld.ts';
import type { ChangeBody } from '../../domain/change.ts';
import type { Decision, PlannedStep } from '../../domain/decide.ts';
import type { ServiceProviderId, TargetId } from '../../domain/ids.ts';
import { findServiceProvider, findTarget, type Policy } from '../../domain/policy.ts';
import type { ResourceTypeDefinition } from '../../domain/scim/schema/definition.ts';
import type { ChangeRecord, ChangeStore } from '../../stores/changes.ts';
import type { LinkStanding } from '../../stores/links.ts';
import type { ResourceStore, StoredResource } from '../../stores/resources.ts';
import {
  type AskApprovalDependencies,
  askOnce,
  type Intended,
  shown,
  subjectOf,
  touchedBy,
  unseen,
} from './ask-approval.ts';
import { partMembers } from './members.ts';

export interface AskBeforeTargetsDependencies extends AskApprovalDependencies {
  readonly resources: Pick<ResourceStore, 'findBefore'>;
  readonly changes: AskApprovalDependencies['changes'] & Pick<ChangeStore, 'list'>;
}

/** A change that has been written, as far as its targets may have to wait for it. */
export interface WrittenChange {
  readonly change: ChangeRecord;
  readonly body: ChangeBody;
  readonly stands: StoredResource | undefined;
  readonly type: ResourceTypeDefinition;
  readonly links: readonly LinkStanding[];
  /** Whose rules hold: of a reprojection, the one that wrote the resource last. */
  readonly serviceProvider: ServiceProviderId;
}

/**
 * Asks about each step that a rule wants approved before its target learns of the change. Doing it again asks nobody
 * again. What takes access away, and what the engine does itself, waits for nobody: of the latter a target sees nothing
 * that it must not, because that is withheld.
 *
 * @returns the decision with those steps waiting
 */
export async function askBeforeTargets(
  written: WrittenChange,
  decision: Decision,
  policy: Policy,
  at: string,
  dependencies: AskBeforeTargetsDependencies,
): Promise<Decision> {
  const { change, body } = written;
  const rules = rulesOf(policy, findServiceProvider(policy, written.serviceProvider));
  if (change.urgent || body.kind === 'delete') return decision;
  if (body.kind === 'reproject' && body.asksAgain !== true) return decision;
  const provisions = new Set(decision.provisions ?? []);
  const intended = await intentionOf(written, dependencies);
  const { tenant, resourceId, id } = change;
  const targets = decision.steps.map(({ target }) => target).filter((target) => provisions.has(target));
  const earlier = await dependencies.approvals.ofTargets(tenant, resourceId, targets, id);
  const known = { intended, rules, policy, at, isBeingMade: accountsBeingMade(change, dependencies) };
  const steps: PlannedStep[] = [];
  for (const step of decision.steps) {
    const asked = provisions.has(step.target)
      ? await askBefore(step, written, earlier.get(step.target) ?? [], known, dependencies)
      : undefined;
    steps.push(asked === undefined ? step : waiting(step, asked));
  }
  return { ...decision, steps };
}

/** What is the same for every target of a change. */
interface Known {
  readonly intended: Intended;
  readonly rules: readonly ApprovalRule[];
  readonly policy: Policy;
  readonly at: string;
  isBeingMade(target: TargetId): Promise<boolean>;
}

/** Nobody is kept waiting by it, and what people have approved is not taken back by a target: it parks there. */
const waiting = (step: PlannedStep, approval: Approval): PlannedStep => ({
  ...step,
  blocking: false,
  onFailure: step.onFailure === 'compensate' ? 'park' : step.onFailure,
  awaits: { approval: approval.id, rule: approval.rule, ...untilOf(approval) },
});

async function askBefore(
  step: PlannedStep,
  { change, body, links }: WrittenChange,
  earlier: readonly Approval[],
  { intended, rules, policy, at, isBeingMade }: Known,
  dependencies: AskBeforeTargetsDependencies,
): Promise<Approval | undefined> {
  const { tenant, id } = change;
  const { target } = step;
  const mine = earlier.find((approval) => approval.id === approvalIdOf(id, target));
  if (mine !== undefined) return mine.state === 'waiting' ? mine : undefined;
  const withheld = withheldBy(earlier);
  const again = body.kind === 'reproject';
  const hasAccount = links.some((link) => link.target === target && link.state !== 'gone');
  const creates = !hasAccount && (withheld.creation || !(await isBeingMade(target)));
  if (creates && withheld.creation && !again) {
    // Asked already. What nobody decided, because it was overtaken or too late, is asked with the next change.
    const last = earlier.findLast((approval) => approval.creates === true);
    if (last?.state !== 'expired' && last?.state !== 'cancelled') return undefined;
  }
  const differences = again ? stillWithheld(withheld, intended, creates) : shown(intended);
  if (differences.length === 0) return undefined;
  const touches = touchedBy(intended, differences);
  const asked = again ? earlier.findLast(({ state }) => state !== 'granted')?.rule : undefined;
  const subject = { ...subjectOf(change, intended, touches), target, ...(creates ? { operation: 'create' } : {}) };
  const rule = rules.find(({ name, before }) => before === 'target' && name === asked) ?? ruleFor(rules, subject);
  if (rule === undefined) return undefined;
  const configured = findTarget(policy, target);
  const approval = await askOnce(
    {
      change,
      rule,
      intended,
      reached: configured === undefined ? [] : [configured],
      touches,
      differences: differences.map((difference) => asTheTargetSees(difference, withheld)),
      at,
      target,
      creates,
      ...(again ? { askedBefore: earlier.map(({ requester }) => requester) } : {}),
    },
    dependencies,
  );
  await dependencies.approvals.supersede(tenant, superseded([...earlier, approval]));
  return approval;
}

/** Whether an earlier change, which waits for nobody, is about to make the account at a target. Looked up at most once. */
function accountsBeingMade(
  { tenant, id, resourceId }: ChangeRecord,
  { changes }: AskBeforeTargetsDependencies,
): (target: TargetId) => Promise<boolean> {
  let lately: Promise<readonly ChangeRecord[]> | undefined;
  return async (target) => {
    lately ??= changes.list(tenant, { resourceId, limit: LATELY });
    return (await lately).some(
      (earlier) =>
        earlier.id !== id &&
        UNDER_WAY.has(earlier.state) &&
        (earlier.decision?.reasons ?? []).some((reason) => reason.target === target && reason.called),
    );
  };
}

/** Changes of one resource among which one that is under way is looked for. */
const LATELY = 50;
const UNDER_WAY: ReadonlySet<string> = new Set(['persisted', 'provisioning', 'parked']);

/** The old value is the one that the target holds, where an earlier change of it was not approved. */
function asTheTargetSees(difference: Difference, { values }: Withheld): Difference {
  const { attribute, before: _before, ...rest } = difference;
  if (!values.has(attribute)) return difference;
  const held = values.get(attribute);
  return { attribute, ...rest, ...(held === undefined ? {} : { before: held }) };
}

/** What an operator asks about once more: all that the target is kept from. */
function stillWithheld(withheld: Withheld, intended: Intended, creates: boolean): Difference[] {
  const all = shown({ ...intended, before: undefined });
  if (creates) return withheld.creation ? all : [];
  return [...withheld.values.keys()].map(
    (attribute) => all.find((difference) => difference.attribute === attribute) ?? { attribute },
  );
}

/** The change as approvers look at it, now that it is written. A password is not sent to targets. */
async function intentionOf(
  { change, body, stands, type }: WrittenChange,
  { resources }: AskBeforeTargetsDependencies,
): Promise<Intended> {
  const setsPassword = false;
  if (stands === undefined) return { ...unseen(body, type), setsPassword };
  if (body.kind === 'reproject' || body.kind === 'delete')
    return { before: stands.resource, after: stands.resource, members: [], setsPassword };

  const { tenant, resourceType, resourceId, id } = change;
  const before = await resources.findBefore(tenant, resourceType, resourceId, id);
  return {
    // A change that wrote nothing has nothing before it.
    before: before === undefined ? stands.resource : before === 'none' ? undefined : before.resource,
    after: stands.resource,
    members: partMembers(body, type).members,
    setsPassword,
  };
}
