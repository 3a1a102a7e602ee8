import { randomUUID } from 'node:crypto';
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import helmet from 'helmet';
import { ProvostError } from '../domain/errors.ts';
import { createDecisionRoutes, type DecisionDependencies } from './approvals/decision-routes.ts';
import { takeJson } from './body/take-json.ts';
import { type CodecDependencies, createCodecRoutes } from './codec/codec-routes.ts';
import { setFailureHeaders, unexpectedInWords } from './failure-answer.ts';
import { createHealthRoutes, type HealthDependencies } from './health-routes.ts';
import { type AuthenticateDependencies, authenticate } from './identify/authenticate.ts';
import { createLandingRoutes } from './landing-page.ts';
import { noStore } from './no-store.ts';
import { createTokenRoutes, type TokenDependencies } from './oauth/token-routes.ts';
import { refuseCrossSite } from './refuse-cross-site.ts';
import { createScim1Routes } from './scim1/scim1-routes.ts';
import type { Scim2Dependencies } from './scim2/context.ts';
import { createScim2Routes } from './scim2/scim2-routes.ts';
import type { SoapDependencies } from './soap/context.ts';
import { createSoapRoutes } from './soap/soap-routes.ts';
import { toProvostError } from './to-provost-error.ts';

export interface AppDependencies {
  readonly authenticate: AuthenticateDependencies;
  readonly token: TokenDependencies;
  readonly codec: CodecDependencies;
  readonly health: HealthDependencies;
  readonly scim2: Scim2Dependencies;
  /** What SOAP needs beyond what SCIM does. */
  readonly soap: Pick<
    SoapDependencies,
    'memberships' | 'verifyPassword' | 'signIns' | 'knowsResource' | 'administration' | 'sessions' | 'identify'
  >;
  /** Links by which people decide about approvals. */
  readonly decisions: DecisionDependencies;
  /** The administration API, ready to be mounted at `/admin/v1` behind authentication. */
  readonly admin: RequestHandler;
  readonly limits: { readonly bodyBytes: number; readonly bulkBytes: number };
  /** Limits how often each client may call; undefined sets no limit. */
  readonly rateLimit: RequestHandler | undefined;
  /** The same by address, for whoever does not say who it is. */
  readonly anonymousRateLimit: RequestHandler | undefined;
  /** Origins of pages that this server itself serves. */
  readonly ownOrigins: readonly string[];
  readonly trustProxy: boolean | number | string | readonly string[];
  /** Called once for each request that was answered. */
  observeRequest(request: ObservedRequest): void;
  /** Called with what nobody expected; the client learns nothing of it but the request's id. */
  reportUnexpected(error: unknown, requestId: string): void;
}

export interface ObservedRequest {
  readonly id: string;
  readonly method: string;
  /** Template of the route, e.g. `/scim/v2/Users/:id`; never the path itself, which may hold a name. */
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
}

/** The whole HTTP side, not listening. */
export function createApp(dependencies: AppDependencies): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', dependencies.trustProxy);
  app.set('etag', false);
  app.set('report unexpected', dependencies.reportUnexpected);
  app.set('query parser', 'simple');
  app.use(identifyRequest(dependencies));
  app.use(createHealthRoutes(dependencies.health));
  app.use(helmet());
  if (dependencies.anonymousRateLimit !== undefined) app.use(dependencies.anonymousRateLimit);
  app.use(createLandingRoutes());
  app.use(createTokenRoutes(dependencies.token));
  app.use(createCodecRoutes(dependencies.codec));
  app.use(createDecisionRoutes(dependencies.decisions));

  const { rateLimit, limits } = dependencies;
  const behindAuthentication = [
    refuseCrossSite(dependencies.ownOrigins),
    authenticate(dependencies.authenticate),
    ...(rateLimit === undefined ? [] : [rateLimit]),
  ];
  const scim2 = createScim2Routes(dependencies.scim2, limits, behindAuthentication);
  // The second and third are where WSO2's clients look.
  mount(app, ['/scim/v2', '/scim2', '/t/:tenant/scim2', '/t/:tenant/scim/v2'], scim2);
  const scim1 = createScim1Routes(dependencies.scim2, limits, behindAuthentication);
  mount(app, ['/scim/v1', '/wso2/scim', '/t/:tenant/wso2/scim', '/t/:tenant/scim/v1'], scim1);
  const soap = createSoapRoutes({ ...dependencies.scim2, ...dependencies.soap }, limits, behindAuthentication);
  mount(app, ['/services', '/t/:tenant/services'], soap);
  const readBody = takeJson({
    limit: limits.bodyBytes,
    isJson: (request) => request.is('application/json') !== false,
  });
  mount(app, ['/admin/v1'], noStore, ...behindAuthentication, ...readBody, dependencies.admin);

  app.use((_request, _response, next) => next(new ProvostError('NOT_FOUND', 'There is nothing at this path.')));
  app.use(toProvostError, renderLastResort(dependencies));
  return app;
}

/** Every answer names its request, so that a client's report can be found in the log. */
function identifyRequest({ observeRequest }: AppDependencies): RequestHandler {
  return (request, response, next) => {
    const started = performance.now();
    const given = request.headers['x-request-id'];
    const id = typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID();
    response.set('X-Request-Id', id);
    response.locals['requestId'] = id;
    response.on('finish', () => {
      observeRequest({
        id,
        method: request.method,
        route: routeOf(request, response),
        status: response.statusCode,
        seconds: (performance.now() - started) / 1000,
      });
    });
    next();
  };
}

/** Mounts the same handlers at several paths. What was matched is known by its template: callers write the path as they like. */
function mount(app: Express, bases: readonly string[], ...handlers: readonly RequestHandler[]): void {
  for (const base of bases) {
    const note: RequestHandler = (_request, response, next) => {
      response.locals['mountedAt'] = base;
      next();
    };
    app.use(base, note, ...handlers);
  }
}

/** Template of the route that answered, from a fixed set: a label of metrics must not grow with what callers send. */
function routeOf(request: Request, response: Response): string {
  const path: unknown = request.route?.path;
  const template = Array.isArray(path) ? path[0] : path;
  return typeof template === 'string' ? `${response.locals['mountedAt'] ?? ''}${template}` : 'unmatched';
}

/** For whatever no protocol has worded: our own failures as plain JSON, everything else as a bare 500. */
function renderLastResort({ reportUnexpected }: AppDependencies): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    const requestId = String(response.locals['requestId']);
    if (response.headersSent) {
      reportUnexpected(error, requestId);
      next(error);
      return;
    }
    if (!(error instanceof ProvostError)) reportUnexpected(error, requestId);
    const known = error instanceof ProvostError ? error : undefined;
    if (known !== undefined) setFailureHeaders(response, known);
    response
      .status(known?.traits.status ?? 500)
      .json(
        known === undefined
          ? { code: 'INTERNAL', detail: unexpectedInWords(requestId) }
          : { code: known.code, detail: known.message },
      );
  };
}
