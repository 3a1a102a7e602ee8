import { z } from 'zod';
import { PERMISSIONS, SCOPE_OF_ROLE } from '../authorise.ts';
import { PROBLEM_MEDIA_TYPE } from '../problem.ts';
import type { RouteDescription } from '../route.ts';
import type { Components, JsonSchema } from './components.ts';

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
}

export interface Content {
  readonly [mediaType: string]: { readonly schema: JsonSchema };
}

export interface ResponseDescription {
  readonly description: string;
  readonly headers?: Readonly<Record<string, object>>;
  readonly content?: Content;
}

export interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly required: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, ResponseDescription>>;
  /** Roles of which the caller needs one. */
  readonly 'x-roles'?: readonly string[];
}

const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('What went wrong and what to do; for people.'),
    code: z.string().describe('Stable; for programs.'),
    errors: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .optional()
      .describe('Each part of the request at fault, such as `settings.baseUrl` or `query.limit`.'),
  })
  .meta({ id: 'Problem' });

export function operationOf(route: RouteDescription, components: Components): Operation {
  const { body, permission } = route;
  return {
    operationId: route.operation,
    tags: [route.group],
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    ...(permission === 'anybody' ? {} : { 'x-roles': PERMISSIONS[permission] }),
    security: securityOf(permission),
    parameters: [...pathParameters(route), ...queryParameters(route, components), ...conditionOf(route)],
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: !body.safeParse(undefined).success,
            content: { 'application/json': { schema: components.refer(body, 'input') } },
          },
        }),
    responses: { ...successOf(route, components), ...failuresOf(route, components) },
  };
}

/** Basic credentials need no scope; a token needs that of the role that the call is made by. */
function securityOf(permission: RouteDescription['permission']): Operation['security'] {
  if (permission === 'anybody') return [{ basic: [] }, { oauth2: [] }];
  const scopes = new Set(PERMISSIONS[permission].map((role) => SCOPE_OF_ROLE[role]));
  return [{ basic: [] }, ...[...scopes].map((scope) => ({ oauth2: [scope] }))];
}

const pathParameters = ({ path }: RouteDescription): Parameter[] =>
  [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));

function queryParameters({ query }: RouteDescription, components: Components): Parameter[] {
  if (query === undefined) return [];
  const { properties = {}, required = [] } = components.refer(query, 'input') as {
    readonly properties?: Readonly<Record<string, JsonSchema>>;
    readonly required?: readonly string[];
  };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    ...(typeof description === 'string' ? { description } : {}),
    schema,
  }));
}

function conditionOf({ versioned, method }: RouteDescription): Parameter[] {
  if (versioned !== true) return [];
  const [name, description] =
    method === 'get'
      ? ['If-None-Match', 'ETag of what the caller has; where it still stands the answer is 304.']
      : ['If-Match', 'ETag that the edit was decided on; where another stands the answer is 412.'];
  return [{ name, in: 'header', required: false, description, schema: { type: 'string' } }];
}

function successOf({ answer, versioned, method }: RouteDescription, components: Components): Operation['responses'] {
  const headers = {
    ...(versioned === true
      ? { ETag: { description: 'Version of the configuration.', schema: { type: 'string' } } }
      : {}),
    ...(answer.status === 201 ? { Location: { schema: { type: 'string' } } } : {}),
  };
  return {
    [answer.status]: {
      description: answer.description,
      ...(Object.keys(headers).length === 0 ? {} : { headers }),
      ...(answer.schema === undefined
        ? {}
        : { content: { 'application/json': { schema: components.refer(answer.schema, 'output') } } }),
    },
    ...(versioned === true && method === 'get' ? { 304: { description: 'The caller has this version.' } } : {}),
  };
}

/** Failures that routes have by what they are; those of one route are told with it. */
export const COMMON_FAILURES = {
  400: 'Something in the request does not fit.',
  401: 'The caller did not prove who it is.',
  403: 'The caller may not do this, or belongs to another tenant.',
  404: 'There is no such thing.',
  412: 'The configuration is at another version than in If-Match.',
} as const;

function failuresOf(route: RouteDescription, components: Components): Operation['responses'] {
  const { body, query, permission, path, versioned, method } = route;
  const applies: Readonly<Record<keyof typeof COMMON_FAILURES, boolean>> = {
    400: body !== undefined || query !== undefined,
    401: true,
    403: permission !== 'anybody',
    404: path.includes(':'),
    412: versioned === true && method !== 'get',
  };
  const common = Object.entries(COMMON_FAILURES).filter(([status]) => applies[Number(status) as keyof typeof applies]);
  const words: Readonly<Record<string, string>> = { ...Object.fromEntries(common), ...route.failures };
  const content = { [PROBLEM_MEDIA_TYPE]: { schema: components.refer(problem, 'output') } };
  return Object.fromEntries(Object.entries(words).map(([status, description]) => [status, { description, content }]));
}
