import { setTimeout as delay } from 'node:timers/promises';
import { ProvostError } from '../../../domain/errors.ts';
import { asResourceId, type ChangeId, type TenantId } from '../../../domain/ids.ts';
import type { ChangeRecord } from '../../../stores/changes.ts';
import { existingChange } from '../changes/routes.ts';
import type { RoutesDependencies } from '../dependencies.ts';
import { existingIdentityProvider } from '../identity-providers/edit.ts';
import { type AdminRoute, defineRoute } from '../route.ts';
import { existingTarget } from '../targets/edit.ts';
import { testMapping } from '../targets/mapping-test.ts';
import { explained } from './explain.ts';
import { accountDecisionInput, accountDecisionView, provisionNowInput, provisionNowView } from './schemas.ts';

const GROUP = 'Accounts';
const ONE = '/tenants/:tenant/identity-providers/:identityProvider/targets/:target' as const;

/** How long a request waits for what it asked for; the change goes on after it. */
const PATIENCE_MS = 20_000;
const UNDER_WAY: ReadonlySet<string> = new Set(['received', 'persisted', 'provisioning']);

/** One resource's account at one target: brought up to date now, linked by hand, or forgotten. */
export function accountRoutes(dependencies: RoutesDependencies): AdminRoute[] {
  const { edits, resources, links, accountDecisions, reproject, audit, changes, now } = dependencies;
  return [
    defineRoute({
      method: 'post',
      path: `${ONE}/provision`,
      operation: 'provisionNow',
      group: GROUP,
      summary: 'Bring one resource to the target now, with each step explained',
      description:
        'What the target really holds is looked at. The answer waits up to 20 seconds for the target, and shows attributes of the resource.',
      permission: 'operate',
      body: provisionNowInput,
      answer: { status: 200, description: 'Each step, up to where it stopped.', schema: provisionNowView },
      async handle({ tenant, principal, parameters, body }) {
        const policy = await edits.newest(tenant);
        const provider = existingIdentityProvider(policy, parameters.identityProvider);
        const target = existingTarget(provider, parameters.target);
        const resourceId = asResourceId(body.resourceId);
        const stored = await resources.find(tenant, body.resourceType, resourceId);
        if (stored === undefined) throw new ProvostError('NOT_FOUND', `There is no ${body.resourceType} with this id.`);
        const [link, projected] = await Promise.all([
          links.find(tenant, target.id, resourceId),
          testMapping({ policy, provider, target }, { ...body, resource: undefined, mapping: undefined }, dependencies),
        ]);
        const order = { tenant, resourceType: body.resourceType, resourceId, target: target.id };
        const change = await outcome(tenant, await reproject({ ...order, actor: principal.credential }));
        const steps = explained({ target, stored, link, projected }, change);
        return { body: { change: change.id, state: change.state, steps } };
      },
    }),
    defineRoute({
      method: 'post',
      path: `${ONE}/account-decisions`,
      operation: 'decideAccount',
      group: GROUP,
      summary: 'Decide which account is a resource’s',
      description:
        'Links an account by its id there, has another one created although some match, or forgets the link. Steps of the resource that are parked there are tried again with it.',
      permission: 'operate',
      body: accountDecisionInput,
      answer: { status: 202, description: 'It is being carried out.', schema: accountDecisionView },
      async handle({ tenant, principal, parameters, body: { resourceType, resourceId: id, decision, comment } }) {
        const provider = existingIdentityProvider(await edits.newest(tenant), parameters.identityProvider);
        const target = existingTarget(provider, parameters.target);
        const resourceId = asResourceId(id);
        await accountDecisions.put({ tenant, target: target.id, resourceId }, decision);
        const actor = principal.credential;
        const change = await reproject({ tenant, resourceType, resourceId, target: target.id, actor });
        await audit.append({ tenant, resourceType, resourceId }, [
          {
            event: 'account-decided',
            at: now().toISOString(),
            change,
            actor,
            facts: { target: target.id, decision: decision.kind, ...(comment === undefined ? {} : { comment }) },
          },
        ]);
        return { body: { change } };
      },
    }),
  ];

  async function outcome(tenant: TenantId, id: ChangeId): Promise<ChangeRecord> {
    const deadline = now().getTime() + PATIENCE_MS;
    for (let pause = 20; ; pause = Math.min(pause * 2, 500)) {
      const change = await existingChange(tenant, id, { changes });
      if (!UNDER_WAY.has(change.state) || now().getTime() + pause > deadline) return change;
      await delay(pause);
    }
  }
}
