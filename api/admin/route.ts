import type { Request } from 'express';
import { z } from 'zod';
import { asTenantId, type TenantId } from '../../domain/ids.ts';
import { expectedVersion } from '../etag.ts';
import { principalOf } from '../identify/authenticate.ts';
import type { Principal } from '../identify/principal.ts';
import { authorise, type Permission } from './authorise.ts';
import { parseBody, parseQuery } from './parse-input.ts';

export type Method = 'get' | 'post' | 'put' | 'delete';

/** What a handler is given: everything checked, nothing raw. */
export interface Call<Parameters, Body, Query> {
  readonly principal: Principal;
  /** The tenant in the path; the caller's own where the path has none. */
  readonly tenant: TenantId;
  readonly parameters: Parameters;
  readonly body: Body;
  readonly query: Query;
  /** Configuration version in If-Match, `*` for any; absent where the caller doesn't mind. */
  readonly expectedVersion?: string;
}

export interface Answer<Body> {
  readonly body: Body;
  /** Configuration version, for the ETag. */
  readonly version?: number;
  /** Path of what was created, below the API's base. */
  readonly location?: string;
  /** Sent in the body's place, as a file to keep. */
  readonly file?: {
    readonly name: string;
    readonly mediaType: string;
    readonly chunks: AsyncIterable<string>;
  };
}

/** What a route is, for the server and for its documentation alike. */
export interface RouteDescription {
  readonly method: Method;
  /** As express writes it, below `/admin/v1`. */
  readonly path: string;
  /** Unique name of the operation. */
  readonly operation: string;
  /** Heading that it stands under. */
  readonly group: string;
  readonly summary: string;
  readonly description?: string;
  /** `anybody` who is authenticated. */
  readonly permission: Permission | 'anybody';
  readonly body?: z.ZodType;
  readonly query?: z.ZodType;
  readonly answer: AnswerDescription;
  /** Answers with an ETag; a read honours If-None-Match, a write If-Match. */
  readonly versioned?: boolean;
  /** Statuses of failures besides those that every route has. */
  readonly failures?: Readonly<Record<number, string>>;
}

export interface AnswerDescription<Schema extends z.ZodType = z.ZodType> {
  readonly status: number;
  readonly description: string;
  /** Absent where the answer has no body. */
  readonly schema?: Schema;
}

export interface AdminRoute extends RouteDescription {
  run(request: Request): Promise<Answer<unknown>>;
}

/** Names between slashes that begin with a colon. */
export type PathParameters<Path extends string> = Path extends `${infer First}/${infer Rest}`
  ? PathParameters<First> & PathParameters<Rest>
  : Path extends `:${infer Name}`
    ? { readonly [Key in Name]: string }
    : unknown;

/** The same, however deep, with nothing that can be written to: what handlers have in hand is the domain's, and immutable. */
export type Readable<Value> = Value extends readonly (infer Item)[]
  ? readonly Readable<Item>[]
  : Value extends object
    ? { readonly [Key in keyof Value]: Readable<Value[Key]> }
    : Value;

export interface RouteDefinition<
  Path extends string,
  Body extends z.ZodType,
  Query extends z.ZodType,
  Result extends z.ZodType,
> extends RouteDescription {
  readonly path: Path;
  readonly body?: Body;
  readonly query?: Query;
  readonly answer: AnswerDescription<Result>;
  handle(
    call: Call<PathParameters<Path>, z.output<Body>, z.output<Query>>,
  ): Answer<Readable<z.input<Result>>> | Promise<Answer<Readable<z.input<Result>>>>;
}

const NOTHING = z.strictObject({});

/** A route whose handler only runs for a caller who may, on input that fits. In this order, so that nobody else learns what would fit. */
export function defineRoute<
  Path extends string,
  Body extends z.ZodType = z.ZodUndefined,
  Query extends z.ZodType = typeof NOTHING,
  Result extends z.ZodType = z.ZodUndefined,
>(definition: RouteDefinition<Path, Body, Query, Result>): AdminRoute {
  return {
    ...definition,
    async run(request) {
      const principal = principalOf(request);
      const tenant = tenantIn(request);
      if (definition.permission !== 'anybody') authorise(principal, definition.permission, tenant);
      const version = expectedVersion(request);
      const { body, query } = definition;
      return definition.handle({
        principal,
        tenant: tenant ?? principal.tenant,
        parameters: request.params as unknown as PathParameters<Path>,
        body: (body === undefined ? undefined : parseBody(request, body)) as z.output<Body>,
        query: parseQuery(request, query ?? NOTHING) as z.output<Query>,
        ...(version === undefined ? {} : { expectedVersion: version }),
      });
    },
  };
}

function tenantIn(request: Request): TenantId | undefined {
  const tenant = request.params['tenant'];
  return typeof tenant === 'string' ? asTenantId(tenant) : undefined;
}
