import { z } from 'zod';
import { isProvostError } from '../../../domain/errors.ts';
import { asResourceId, asTargetId, type TargetId } from '../../../domain/ids.ts';
import type { Policy, Target } from '../../../domain/policy.ts';
import { resourceTypeNamed } from '../../../domain/scim/schema/tenant-types.ts';
import { compileExpression } from '../../../domain/scope/compile-expression.ts';
import { LONGEST_EXPRESSION } from '../../../domain/scope/expression-syntax.ts';
import { dependencyCircle } from '../../../domain/scope/waves.ts';
import type { Scope, TargetDependencies } from '../../../domain/target-rules.ts';
import { InvalidRequest } from '../problem.ts';

const expression = z.string().trim().min(1).max(LONGEST_EXPRESSION);

export const scopeInput = z
  .strictObject({
    User: expression
      .exactOptional()
      .describe(
        'CEL over `resource`, `groups` and `id` that gives true for the users that it is for, e.g. `resource.active == true && groups.exists(g, g.display == "Staff")`. A comparison with a missing attribute is false. Absent: all users.',
      ),
    Group: expression.exactOptional().describe('The same for groups. Absent: all groups.'),
    members: z
      .array(z.string().min(1).max(100))
      .min(1)
      .max(100)
      .exactOptional()
      .describe(
        'Ids of groups: only users in one of them, themselves or through another group. Joining provisions, leaving deprovisions.',
      ),
  })
  .describe('Who it is for. Who enters is provisioned, who leaves is deprovisioned.')
  .meta({ id: 'ScopeInput' });

export const orderInput = z
  .strictObject({
    priority: z
      .int()
      .min(0)
      .max(1_000_000)
      .exactOptional()
      .describe('Lower ones come first, equal ones side by side. Default 100.'),
    dependsOn: z
      .array(z.string().min(1).max(100))
      .max(50)
      .exactOptional()
      .describe('Ids of targets that must have confirmed a resource before this one is asked.'),
  })
  .describe('Where it stands among the targets of a change. Deletions and deactivations go to all at once.')
  .meta({ id: 'OrderInput' });

/** Fields of a target that say for whom it is, and when its turn comes. */
export const scopeFields = {
  scope: scopeInput.exactOptional(),
  order: orderInput.exactOptional(),
  justInTime: z.boolean().exactOptional().describe('Whether changes of federated logins reach it. Default true.'),
  deleteAfterDays: z
    .number()
    .positive()
    .max(3_650)
    .exactOptional()
    .describe(
      'Days after which an account that was disabled, or a group that was emptied, is deleted, fractions allowed; with `deprovision: disable` or `deprovisionGroups: empty`.',
    ),
};

type Given = Pick<z.output<z.ZodObject<typeof scopeFields>>, 'scope' | 'order'>;

export type ScopeAndOrder = Pick<Target, 'scope' | 'order'>;

/**
 * What of a target's input is about scope and order, as the domain has it.
 *
 * @throws InvalidRequest with each expression that cannot be used and why, or a circle of dependencies
 */
export function toScopeAndOrder({ scope, order }: Given, id: TargetId, policy: Policy): ScopeAndOrder {
  const faults = [...expressionFaults(scope, policy), ...orderFaults(order, id, policy)];
  if (faults.length > 0) throw new InvalidRequest(faults);
  return {
    ...(scope === undefined ? {} : { scope: toScope(scope) }),
    ...(order === undefined ? {} : { order: toOrder(order) }),
  };
}

const toScope = ({ members, ...expressions }: z.output<typeof scopeInput>): Scope => ({
  ...expressions,
  ...(members === undefined ? {} : { members: members.map(asResourceId) }),
});

const toOrder = ({ dependsOn, ...rest }: z.output<typeof orderInput>): TargetDependencies => ({
  ...rest,
  ...(dependsOn === undefined ? {} : { dependsOn: dependsOn.map(asTargetId) }),
});

interface Fault {
  readonly path: string;
  readonly message: string;
}

function expressionFaults(scope: Given['scope'], policy: Policy): Fault[] {
  return (['User', 'Group'] as const).flatMap((type) => {
    const text = scope?.[type];
    if (text === undefined) return [];
    try {
      compileExpression(text, type, resourceTypeNamed(policy, type));
      return [];
    } catch (error) {
      if (!isProvostError(error)) throw error;
      return [{ path: `scope.${type}`, message: error.message }];
    }
  });
}

function orderFaults(order: Given['order'], id: TargetId, policy: Policy): Fault[] {
  const dependsOn = (order?.dependsOn ?? []).map(asTargetId);
  const others = policy.identityProviders.flatMap(({ targets }) => targets).filter((target) => target.id !== id);
  const unknown = dependsOn.flatMap((dependency, index) =>
    dependency === id || others.some((target) => target.id === dependency)
      ? []
      : [{ path: `order.dependsOn[${index}]`, message: 'There is no target with this id.' }],
  );
  const circle = dependencyCircle([{ id, order: { dependsOn } }, ...others]);
  if (circle === undefined) return unknown;
  const names = circle.map((member) => others.find((target) => target.id === member)?.name ?? 'this target');
  return [...unknown, { path: 'order.dependsOn', message: `They would wait for each other: ${names.join(' → ')}.` }];
}
