import type { Role } from '../../../stores/credentials.ts';
import { SCOPE_OF_ROLE } from '../authorise.ts';
import type { AdminRoute } from '../route.ts';
import { createComponents, type JsonSchema } from './components.ts';
import { type Operation, operationOf } from './operation.ts';

/** As much of OpenAPI 3.1 as is used here. */
export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly securitySchemes: Readonly<Record<string, object>>;
  };
}

const DESCRIPTION = `Configures tenants and shows and steers what is under way.

Every answer that comes from a tenant's configuration carries that configuration's version as its ETag. Send it as If-Match with a write, and the write is refused with 412 where anybody has edited the configuration since; without If-Match it is applied to whatever stands. Failures are \`application/problem+json\` (RFC 9457) with a stable \`code\`. Objects in answers may gain fields; requests with unknown fields are refused.`;

/** Describes the routes from the very schemas that check their input and shape their answers. */
export function describeApi(routes: readonly AdminRoute[]): OpenApiDocument {
  const components = createComponents();
  const paths: Record<string, Record<string, Operation>> = {};
  for (const route of routes) {
    const path = templateOf(route.path);
    paths[path] = { ...paths[path], [route.method]: operationOf(route, components) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Provost administration API', version: '1', description: DESCRIPTION },
    servers: [{ url: '/admin/v1' }],
    tags: [...new Set(routes.map(({ group }) => group))].map((name) => ({ name })),
    paths,
    components: {
      schemas: components.schemas(),
      securitySchemes: {
        basic: { type: 'http', scheme: 'basic' },
        oauth2: {
          type: 'oauth2',
          flows: { clientCredentials: { tokenUrl: '/oauth2/token', scopes: scopesInWords() } },
        },
      },
    },
  };
}

/** `/tenants/:tenant` → `/tenants/{tenant}` */
export const templateOf = (path: string): string => path.replaceAll(/:(\w+)/g, '{$1}');

function scopesInWords(): Record<string, string> {
  const roles = Object.keys(SCOPE_OF_ROLE) as Role[];
  const scopes = new Set(roles.map((role) => SCOPE_OF_ROLE[role]));
  return Object.fromEntries([...scopes].map((scope) => [scope, `Carries ${rolesInWords(roles, scope)}`]));
}

function rolesInWords(roles: readonly Role[], scope: string): string {
  const carried = roles.filter((role) => SCOPE_OF_ROLE[role] === scope);
  return `the role${carried.length > 1 ? 's' : ''} ${carried.join(' and ')}`;
}
