import { bindClaim } from '../../../domain/claims/bind-claim.ts';
import type { ClaimMapping } from '../../../domain/claims/claim-mapping.ts';
import { DEFAULT_CLAIMS } from '../../../domain/claims/default-claims.ts';
import { ProvostError } from '../../../domain/errors.ts';
import type { Policy } from '../../../domain/policy.ts';
import type { ResourceTypeDefinition } from '../../../domain/scim/schema/definition.ts';
import { resourceTypeNamed } from '../../../domain/scim/schema/tenant-types.ts';
import type { RoutesDependencies } from '../dependencies.ts';
import { type FieldProblem, InvalidRequest } from '../problem.ts';
import { type AdminRoute, defineRoute } from '../route.ts';
import { claimTableInput, claimTableView } from './schemas.ts';

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

type Given = { readonly [Key in keyof ClaimMapping]: ClaimMapping[Key] | undefined };

const withoutAbsent = (given: Given): ClaimMapping =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as unknown as ClaimMapping;

/** @throws InvalidRequest for paths that a user does not have, and for a claim that is there twice */
function requireUsable(claims: readonly ClaimMapping[], user: ResourceTypeDefinition): void {
  const seen = new Set<string>();
  const errors: FieldProblem[] = [];
  for (const [index, mapping] of claims.entries()) {
    if (seen.has(mapping.claim)) errors.push({ path: `items[${index}].claim`, message: 'Name each claim once.' });
    seen.add(mapping.claim);
    try {
      bindClaim(mapping, user);
    } catch (error) {
      if (!(error instanceof ProvostError)) throw error;
      errors.push({ path: `items[${index}].attribute`, message: error.message });
    }
  }
  if (errors.length > 0) throw new InvalidRequest(errors);
}
