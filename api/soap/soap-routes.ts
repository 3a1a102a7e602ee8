import express, { type Request, type RequestHandler, type Response, Router } from 'express';
import { claimTable } from '../../domain/claims/claim-table.ts';
import { ProvostError } from '../../domain/errors.ts';
import { findServiceProvider } from '../../domain/policy.ts';
import { findResourceType } from '../../domain/scim/schema/resource-types.ts';
import { resourceTypesOf } from '../../domain/scim/schema/tenant-types.ts';
import { principalOf } from '../identify/authenticate.ts';
import type { Principal } from '../identify/principal.ts';
import { noStore } from '../no-store.ts';
import { refuseCrossSite } from '../refuse-cross-site.ts';
import { toProvostError } from '../to-provost-error.ts';
import { boundMarkup } from '../xml/bound-markup.ts';
import { decodeXml } from '../xml/decode-xml.ts';
import { readXml } from '../xml/read-xml.ts';
import type { XmlElement } from '../xml/xml-element.ts';
import type { Call } from './call.ts';
import type { SoapDependencies } from './context.ts';
import type { OpenOperation, Operation, OperationContract, Service } from './contract/operation.ts';
import type { SoapValue } from './contract/schema-types.ts';
import { readArguments } from './message/arguments.ts';
import { openEnvelope, type SoapVersion, versionOf } from './message/envelope.ts';
import { writeAnswer } from './message/write-answer.ts';
import { mediaTypeOf } from './message/write-fault.ts';
import { renderFault, renderUnexpectedFault, speak } from './render-fault.ts';
import { requirePermissions } from './require-permissions.ts';
import { SERVICES } from './services.ts';
import { recogniseSession } from './sessions/recognise-session.ts';
import { writeWsdl } from './wsdl/write-wsdl.ts';

/** A call names some thousand users at most, and has no nesting to speak of. */
const XML_LIMITS = { maxDepth: 32, maxElements: 25_000 };

/**
 * The web services of WSO2 that its clients provision by, to be mounted at `/services` and `/t/:tenant/services`.
 * Descriptions are for anybody; calls are behind authentication.
 */
export function createSoapRoutes(
  dependencies: SoapDependencies,
  limits: { readonly bodyBytes: number },
  behindAuthentication: readonly RequestHandler[],
): Router {
  const routes = Router({ mergeParams: true });
  routes.get('/:address', (request, response, next) => {
    const service = findService(request);
    if (service === undefined) return next();
    if (!Object.keys(request.query).some((name) => name.toLowerCase() === 'wsdl'))
      throw new ProvostError('METHOD_NOT_ALLOWED', 'Send calls by POST; the description is at ?wsdl.');
    const address = `${dependencies.publicUrl}${request.baseUrl}/${service.name}`;
    response.type('text/xml').send(writeWsdl(service, address));
  });
  routes.post(
    '/:address',
    noStore,
    (request, _response, next) => next(findService(request) === undefined ? noService() : undefined),
    refuseCrossSite([new URL(dependencies.publicUrl).origin]),
    ...[recogniseSession(dependencies.sessions), ...behindAuthentication].map(unlessOpen),
    refuseOtherMediaTypes,
    readBody(limits.bodyBytes),
    async (request, response) => {
      const service = findService(request) ?? noService();
      if (service instanceof ProvostError) throw service;
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      // From here on the body is its text: what tells two requests apart is made from it.
      request.body = decodeXml(body, request.headers['content-type']);
      boundMarkup(request.body);
      await answer(request, response, service, readXml(request.body, XML_LIMITS), dependencies);
    },
  );
  routes.use((_request, _response, next) => next(noService()));
  routes.use(toProvostError, renderFault, renderUnexpectedFault);
  return routes;
}

async function answer(
  request: Request,
  response: Response,
  service: Service,
  root: XmlElement,
  dependencies: SoapDependencies,
): Promise<void> {
  const spoken = versionOf(root);
  if (spoken !== undefined) speak(response, { version: spoken });
  const { version, content } = openEnvelope(root);
  const operation = findOperation(service, content);
  if ('runOpen' in operation) {
    speak(response, { version, service });
    const value = await operation.runOpen({ request, response, given: readArguments(content), dependencies });
    return send(response, version, service, operation, value);
  }
  const principal = principalOf(request);
  requirePermissions(principal, operation.name, operation.requires);
  speak(response, { version, service });
  const call = await createCall(request, principal, content, dependencies);
  send(response, version, service, operation, await operation.run(call));
}

function send(
  response: Response,
  version: SoapVersion,
  service: Service,
  operation: OperationContract,
  value: SoapValue,
): void {
  if (operation.returns === undefined && service.voidAnswer === 'empty') {
    response.status(202).end();
    return;
  }
  response
    .status(200)
    .type(mediaTypeOf(version))
    .send(writeAnswer(version, service, operation, operation.returns === undefined ? true : value));
}

/** `RemoteUserStoreManagerService`, or that with a port behind a dot, as descriptions of WSO2 address it. */
function findService(request: Request): Service | undefined {
  const [name, port, ...rest] = String(request.params['address'] ?? '').split('.');
  if (rest.length > 0 || (port !== undefined && !/^\w{1,128}Endpoint$/.test(port))) return undefined;
  return SERVICES.find((service) => service.name === name);
}

const noService = (): ProvostError =>
  new ProvostError('NOT_FOUND', `There is no such service; there are ${SERVICES.map(({ name }) => name).join(', ')}.`);

/** The body's element names the operation; SOAPAction is not needed and not believed. */
function findOperation(service: Service, { name, namespace }: XmlElement): Operation | OpenOperation {
  const found = service.operations.find((operation) => operation.name === name);
  if (found !== undefined && namespace === service.elements) return found;
  throw new ProvostError(
    'INVALID_SYNTAX',
    `${service.name} has no operation of this name in the namespace that was sent.`,
  );
}

async function createCall(
  request: Request,
  principal: Principal,
  content: XmlElement,
  dependencies: SoapDependencies,
): Promise<Call> {
  const { tenant, serviceProvider } = principal;
  const policy = await dependencies.policies.current(tenant);
  const types = resourceTypesOf(policy);
  const user = findResourceType(types, 'User');
  const group = findResourceType(types, 'Group');
  if (user === undefined || group === undefined) throw new Error(`the tenant ${tenant} has no users or no groups`);
  return {
    request,
    principal,
    policy,
    serviceProvider: findServiceProvider(policy, serviceProvider),
    types: { user, group },
    claims: claimTable(policy.claims, user),
    given: readArguments(content),
    dependencies,
  };
}

/** Whoever calls a service that is open is not known, and need not be. */
const unlessOpen =
  (handler: RequestHandler): RequestHandler =>
  (request, response, next) =>
    findService(request)?.isOpen === true ? next() : handler(request, response, next);

/** Who is not known yet sends a name and a password, and nothing longer. */
function readBody(limit: number): RequestHandler {
  const whole = express.raw({ limit, type: () => true });
  const short = express.raw({ limit: Math.min(limit, MOST_OPEN_BYTES), type: () => true });
  return (request, response, next) => (findService(request)?.isOpen === true ? short : whole)(request, response, next);
}

const MOST_OPEN_BYTES = 16_384;

/** XML, as either version of SOAP calls it; attachments (MTOM) are not for this. */
const refuseOtherMediaTypes: RequestHandler = (request, _response, next) => {
  const type = request.headers['content-type'];
  if (type === undefined || /^\s*(?:text\/xml|application\/(?:[\w.-]+\+)?xml)\s*(?:;|$)/i.test(type)) next();
  else next(new ProvostError('UNSUPPORTED_MEDIA_TYPE', 'Send the message as text/xml or application/soap+xml.'));
};
