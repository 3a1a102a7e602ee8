import { z } from 'zod';
import { ProvostError } from '../../../domain/errors.ts';
import { asResourceId } from '../../../domain/ids.ts';
import type { Link } from '../../../domain/link.ts';
import { valueAt, withValueAt } from '../../../domain/mapping/paths.ts';
import { type Projection, type ProjectionFacts, project, referencesIn } from '../../../domain/mapping/project.ts';
import type { IdentityProvider, Policy, Target } from '../../../domain/policy.ts';
import { canonicalText } from '../../../domain/scim/json.ts';
import type { ScimObject } from '../../../domain/scim/resource.ts';
import { scopeOf } from '../../../domain/scope/scope-of.ts';
import { scopeFacts } from '../../../stores/scope-facts.ts';
import type { RoutesDependencies } from '../dependencies.ts';
import { InvalidRequest } from '../problem.ts';
import { withTarget } from './edit.ts';
import { mappingFaults } from './mapping-faults.ts';
import { mapping, toMapping } from './mapping-schemas.ts';

export const mappingTestInput = z
  .strictObject({
    resourceType: z.enum(['User', 'Group']).default('User'),
    resourceId: z.string().min(1).max(100).optional().describe('A resource that is kept here.'),
    resource: z.record(z.string(), z.unknown()).optional().describe('Or one that is not: its SCIM attributes.'),
    mapping: mapping.optional().describe('Instead of the one that the target has.'),
  })
  .refine(({ resourceId, resource }) => (resourceId === undefined) !== (resource === undefined), {
    path: ['resourceId'],
    message: 'Name a resource by its id, or give one.',
  })
  .meta({ id: 'MappingTestInput' });

const attributes = z.record(z.string(), z.unknown());

export const mappingTestView = z
  .object({
    scope: z
      .object({ inScope: z.boolean().nullable(), because: z.string().optional() })
      .describe('`null`: it has no answer.'),
    account: attributes.describe('What the target should hold.'),
    initial: attributes.describe('What an account gets besides when it is made.'),
    confirmed: attributes.optional().describe('What it confirmed last; absent where it never did.'),
    difference: z
      .array(z.object({ attribute: z.string(), before: z.unknown().optional(), after: z.unknown().optional() }))
      .describe('What would be sent.'),
    rules: z.array(
      z.object({
        target: z.string(),
        outcome: z.enum(['value', 'default', 'empty', 'kept', 'awaited', 'generated', 'failed']),
        value: z.unknown().optional(),
        note: z.string().optional(),
      }),
    ),
    awaited: z.array(z.string()).describe('Resources that it refers to and that have no account there yet.'),
  })
  .meta({ id: 'MappingTest' });

interface Tested {
  readonly policy: Policy;
  readonly provider: IdentityProvider;
  readonly target: Target;
}

/** What a mapping makes of one resource. Nothing is written, and the target is not asked. */
export async function testMapping(
  { policy, provider, target: held }: Tested,
  input: z.output<typeof mappingTestInput>,
  dependencies: Pick<RoutesDependencies, 'resources' | 'memberships' | 'links'>,
): Promise<z.input<typeof mappingTestView>> {
  const wanted = input.mapping === undefined ? held.mapping : toMapping(input.mapping);
  const faults = mappingFaults(wanted, held, policy);
  if (faults.length > 0) throw new InvalidRequest(faults);
  const target: Target = { ...held, mapping: wanted };
  const facts = await factsFor(input, { policy: withTarget(policy, provider, target), provider, target }, dependencies);
  const { links } = dependencies;
  const [link, accounts] = await Promise.all([
    input.resourceId === undefined ? undefined : links.find(policy.tenant, target.id, asResourceId(input.resourceId)),
    links.remoteIds(policy.tenant, target.id, referencesIn(wanted, facts)),
  ]);
  const projection = project(wanted, { ...facts, accounts });
  const scope = scopeOf(target, input.resourceType, facts);
  const account = withWhatStays(projection, link);
  return {
    scope: {
      inScope: scope.kind === 'unknown' ? null : scope.kind === 'in',
      ...(scope.kind === 'in' ? {} : { because: scope.because }),
    },
    account,
    initial: projection.initial,
    ...(link?.content === undefined ? {} : { confirmed: link.content }),
    difference: differenceOf(link?.content ?? {}, account),
    rules: projection.outcomes.map((outcome) => ({ ...outcome })),
    awaited: [...projection.awaited],
  };
}

async function factsFor(
  { resourceType, resourceId, resource }: z.output<typeof mappingTestInput>,
  { policy, provider }: Tested,
  dependencies: Pick<RoutesDependencies, 'resources' | 'memberships'>,
): Promise<ProjectionFacts> {
  const place = { resourceType, tenant: policy.tenant, identityProvider: provider.name };
  if (resourceId === undefined)
    return { ...place, id: asResourceId('not-kept'), resource: resource as ScimObject, groups: [] };
  const stored = await dependencies.resources.find(policy.tenant, resourceType, asResourceId(resourceId));
  if (stored === undefined) throw new ProvostError('NOT_FOUND', `There is no ${resourceType} with this id.`);
  return { ...place, ...(await scopeFacts(stored, policy, dependencies)) };
}

function withWhatStays({ account, kept, generated }: Projection, link: Link | undefined): ScimObject {
  const before = link?.content;
  return [...kept, ...generated.map(({ target }) => target)].reduce((rest, path) => {
    const value = before === undefined ? undefined : valueAt(before, path);
    return value === undefined ? rest : withValueAt(rest, path, value);
  }, account);
}

const differenceOf = (before: ScimObject, after: ScimObject) =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((name) => canonicalText(before[name] ?? null) !== canonicalText(after[name] ?? null))
    .sort()
    .map((attribute) => ({
      attribute,
      ...(before[attribute] === undefined ? {} : { before: before[attribute] }),
      ...(after[attribute] === undefined ? {} : { after: after[attribute] }),
    }));
