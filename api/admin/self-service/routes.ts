import type { Policy } from '../../../domain/policy.ts';
import type { ResourceTypeDefinition } from '../../../domain/scim/schema/definition.ts';
import { resourceTypeNamed } from '../../../domain/scim/schema/tenant-types.ts';
import { closedToSelf, NEVER_OPEN } from '../../../domain/self-service.ts';
import type { RoutesDependencies } from '../dependencies.ts';
import { InvalidRequest } from '../problem.ts';
import { type AdminRoute, defineRoute } from '../route.ts';
import { selfServiceInput, selfServiceView } from './schemas.ts';

const GROUP = 'Self-service';
const PATH = '/tenants/:tenant/self-service';

/** What people may change of themselves by SCIM's `/Me`. */
export function selfServiceRoutes({ edits }: RoutesDependencies): AdminRoute[] {
  return [
    defineRoute({
      method: 'get',
      path: PATH,
      operation: 'readSelfService',
      group: GROUP,
      summary: 'Read what people may change of themselves',
      permission: 'view configuration',
      answer: { status: 200, description: 'What is opened, and what is closed by that.', schema: selfServiceView },
      versioned: true,
      async handle({ tenant }) {
        const policy = await edits.newest(tenant);
        return { body: viewOf(policy), version: policy.version };
      },
    }),
    defineRoute({
      method: 'put',
      path: PATH,
      operation: 'replaceSelfService',
      group: GROUP,
      summary: 'Open attributes to people themselves',
      description:
        'Closed unless opened: e-mail addresses, phone numbers, certificates, and whatever a target of the tenant matches accounts by or decides by whose account it has. User name, external id, activity, user type, roles and entitlements cannot be opened.',
      permission: 'configure',
      body: selfServiceInput,
      answer: { status: 200, description: 'What is opened and closed now.', schema: selfServiceView },
      versioned: true,
      async handle({ body, ...request }) {
        const { result, version } = await edits.edit(request, (before) => {
          requireOpenable(body.open, resourceTypeNamed(before, 'User'));
          const policy = { ...before, selfService: { open: body.open } };
          return { policy, result: viewOf(policy) };
        });
        return { body: result, version };
      },
    }),
  ];
}

const viewOf = (policy: Policy) => ({
  open: policy.selfService?.open ?? [],
  closed: [...closedToSelf(policy, resourceTypeNamed(policy, 'User'))],
});

/** @throws InvalidRequest with the place of each name that is no attribute of users, or can never be opened */
function requireOpenable(open: readonly string[], type: ResourceTypeDefinition): void {
  const known = new Set(type.schema.attributes.map(({ name }) => name));
  const errors = open.flatMap((name, index) => {
    const path = `open[${index}]`;
    if (NEVER_OPEN.includes(name)) return [{ path, message: `${name} cannot be opened; it decides over rights.` }];
    return known.has(name) ? [] : [{ path, message: `Users have no attribute ${name}; mind its spelling.` }];
  });
  if (errors.length > 0) throw new InvalidRequest(errors);
}
