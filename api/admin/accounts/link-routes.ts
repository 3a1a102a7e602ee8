import { asResourceId } from '../../../domain/ids.ts';
import type { Link } from '../../../domain/link.ts';
import { effectiveRoles } from '../authorise.ts';
import { namesIn } from '../changes/view.ts';
import type { RoutesDependencies } from '../dependencies.ts';
import { existingIdentityProvider } from '../identity-providers/edit.ts';
import { decodeCursor, toPage } from '../page.ts';
import { type AdminRoute, defineRoute } from '../route.ts';
import { existingTarget } from '../targets/edit.ts';
import { contentQuery, linkList, linkPage, linkQuery } from './link-schemas.ts';

const GROUP = 'Accounts';

/** Which account is whose. */
export function linkRoutes({ links, edits }: RoutesDependencies): AdminRoute[] {
  return [
    defineRoute({
      method: 'get',
      path: '/tenants/:tenant/resources/:resource/links',
      operation: 'listLinksOfResource',
      group: GROUP,
      summary: 'List the accounts of a resource',
      permission: 'view changes',
      query: contentQuery,
      answer: { status: 200, description: 'One for each target that has, or may have, an account.', schema: linkList },
      async handle({ tenant, principal, parameters, query }) {
        const [found, policy] = await Promise.all([
          links.ofResource(tenant, asResourceId(parameters.resource)),
          edits.newest(tenant),
        ]);
        const withContent = query.content === 'true' && effectiveRoles(principal).includes('admin');
        const view = viewOf(namesIn(policy), withContent);
        return { body: { items: found.map(view) } };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/tenants/:tenant/identity-providers/:identityProvider/targets/:target/links',
      operation: 'listLinksOfTarget',
      group: GROUP,
      summary: 'List the accounts of a target, by the ids of their resources',
      permission: 'view changes',
      query: linkQuery,
      answer: { status: 200, description: 'A page of links.', schema: linkPage },
      async handle({ tenant, parameters, query: { limit, cursor } }) {
        const [after = ''] = decodeCursor(cursor, 1) ?? [];
        const policy = await edits.newest(tenant);
        const target = existingTarget(existingIdentityProvider(policy, parameters.identityProvider), parameters.target);
        const found = await links.ofTarget(tenant, target.id, { after, limit: limit + 1 });
        const { items, ...rest } = toPage(found, limit, (last) => [last.resourceId]);
        return { body: { ...rest, items: items.map(viewOf(namesIn(policy), false)) } };
      },
    }),
  ];
}

const viewOf =
  (nameOf: ReturnType<typeof namesIn>, withContent: boolean) =>
  ({ target, resourceType, resourceId, state, remoteId, found, disabledAt, content, notKept = [] }: Link) => ({
    target,
    name: nameOf(target),
    resourceType,
    resource: resourceId,
    state,
    ...(remoteId === undefined ? {} : { remoteId }),
    foundThere: found !== undefined,
    ...(disabledAt === undefined ? {} : { disabledAt }),
    ...(notKept.length === 0 ? {} : { notKept: [...notKept] }),
    ...(withContent && content !== undefined ? { content } : {}),
  });
