import { DEFAULT_CLAIMS } from '../../../domain/claims/default-claims.ts';
import type { Policy } from '../../../domain/policy.ts';
import { resourceTypeNamed } from '../../../domain/scim/schema/tenant-types.ts';
import type { RoutesDependencies } from '../dependencies.ts';
import { type AdminRoute, defineRoute } from '../route.ts';
import { claimTableInput, claimTableView } from './schemas.ts';
import { requireUsable, withoutAbsent } from './usable-claims.ts';

const GROUP = 'Claims';
const PATH = '/tenants/:tenant/claims';

/** Which SCIM attribute each claim of SOAP clients is. */
export function claimRoutes({ edits }: RoutesDependencies): AdminRoute[] {
  return [
    defineRoute({
      method: 'get',
      path: PATH,
      operation: 'readClaims',
      group: GROUP,
      summary: 'Read the claims of a tenant',
      description:
        "Which attribute of a user each claim is that SOAP clients read and write. WSO2's own until replaced.",
      permission: 'view configuration',
      answer: { status: 200, description: 'The whole table.', schema: claimTableView },
      versioned: true,
      async handle({ tenant }) {
        const policy = await edits.newest(tenant);
        return { body: viewOf(policy), version: policy.version };
      },
    }),
    defineRoute({
      method: 'put',
      path: PATH,
      operation: 'replaceClaims',
      group: GROUP,
      summary: 'Replace the claims of a tenant',
      description: 'The table as a whole: what it does not list is no claim any more. Users are not changed.',
      permission: 'configure',
      body: claimTableInput,
      answer: { status: 200, description: 'The table as it is now.', schema: claimTableView },
      versioned: true,
      async handle({ body, ...request }) {
        const claims = body.items.map(withoutAbsent);
        const { result, version } = await edits.edit(request, (before) => {
          requireUsable(claims, resourceTypeNamed(before, 'User'));
          const policy = { ...before, claims };
          return { policy, result: viewOf(policy) };
        });
        return { body: result, version };
      },
    }),
  ];
}

const viewOf = ({ claims }: Policy) => ({ items: claims ?? DEFAULT_CLAIMS, isDefault: claims === undefined });
