import { type Request, type Response, Router } from 'express';
import type { ChangeBody } from '../../domain/change.ts';
import { mayEndAccess } from '../../domain/deactivation.ts';
import { isProvostError } from '../../domain/errors.ts';
import { Deviations } from '../../domain/scim/deviation.ts';
import type { Resource } from '../../domain/scim/resource.ts';
import type { ResourceTypeDefinition } from '../../domain/scim/schema/definition.ts';
import { messageToScim1 } from '../../domain/scim1/message-to-scim1.ts';
import { patchToScim2 } from '../../domain/scim1/patch-to-scim2.ts';
import { replacementToScim2, toScim2 } from '../../domain/scim1/to-scim2.ts';
import type { ChangeAnswer } from '../change-door.ts';
import { etagOf } from '../etag.ts';
import { principalOf } from '../identify/authenticate.ts';
import { contextOf } from '../request-context.ts';
import { answerAsItStands } from '../scim2/asynchronous/while-waiting.ts';
import { requireScim } from '../scim2/authorise.ts';
import { type ReadBody, readChangeBody } from '../scim2/change-body.ts';
import { computedOf } from '../scim2/computed-attributes.ts';
import { baseUrlOf, type Scim2Dependencies } from '../scim2/context.ts';
import { locationOf, renderResource } from '../scim2/render.ts';
import { requestedChange } from '../scim2/requested-change.ts';
import { sayIgnored } from '../scim2/say-ignored.ts';
import { standing } from '../scim2/send-changed.ts';
import { findType1 } from './find-type.ts';
import { selectionOf1 } from './query.ts';
import { readBody } from './read-body.ts';
import { sendResource1 } from './send.ts';

type Kind = 'create' | 'replace' | 'patch';

/**
 * POST, PUT, PATCH and DELETE of users and groups (REST API 1.1 §3.1, §3.3, §3.4). Other paths are left to the routes
 * that follow.
 */
export function createWriteRoutes1(dependencies: Scim2Dependencies): Router {
  const routes = Router({ mergeParams: true });

  const write = async (kind: Kind, request: Request, response: Response, next: () => void): Promise<void> => {
    const type = await findType1(request, dependencies);
    if (type === undefined) return next();
    requireScim(request, kind === 'create' ? 'create' : 'update', type);
    const { body, deviations, sent } = await readChange(kind, request, type, dependencies);
    dependencies.observeDeviations(await contextOf(request, dependencies), deviations);
    sayIgnored(response, deviations, messageToScim1);
    const answer = await submit(request, response, type, body, dependencies);
    await answerChange(request, response, kind === 'create' ? 201 : 200, { type, answer, sent }, dependencies);
  };
  routes.post('/:endpoint', (request, response, next) => write('create', request, response, next));
  routes.put('/:endpoint/:id', (request, response, next) => write('replace', request, response, next));
  routes.patch('/:endpoint/:id', (request, response, next) => write('patch', request, response, next));

  routes.delete('/:endpoint/:id', async (request, response, next) => {
    const type = await findType1(request, dependencies);
    if (type === undefined) return next();
    requireScim(request, 'delete', type);
    const { change } = await submit(request, response, type, { kind: 'delete' }, dependencies);
    // 200, not 204: REST API 1.1 §3.4.
    response.set('Provost-Change', change).status(200).end();
  });

  return routes;
}

async function readChange(
  kind: Kind,
  request: Request,
  type: ResourceTypeDefinition,
  dependencies: Scim2Dependencies,
): Promise<ReadBody> {
  const sent = readBody(request, type);
  const { serviceProvider } = await contextOf(request, dependencies);
  if (kind === 'patch') {
    // How the operations stray that a PATCH is put into is not the client's doing.
    const own = new Deviations(serviceProvider.conformance);
    const operations = patchToScim2(sent, type, own);
    const read = await readChangeBody(kind, operations, type, 'tolerant', dependencies.hashPassword, 'scim1');
    const unknown = read.deviations.filter(({ code }) => code === 'unknown-attribute');
    return { ...read, deviations: [...own.list, ...unknown] };
  }
  const body = kind === 'replace' ? replacementToScim2(sent, type) : toScim2(sent, type);
  return readChangeBody(kind, body, type, serviceProvider.conformance, dependencies.hashPassword);
}

async function submit(
  request: Request,
  response: Response,
  type: ResourceTypeDefinition,
  body: ChangeBody,
  dependencies: Scim2Dependencies,
): Promise<ChangeAnswer> {
  const change = requestedChange(request, { source: 'scim1', type, body }, dependencies);
  const { policy, serviceProvider } = await contextOf(request, dependencies);
  try {
    return await dependencies.submit(change, policy.version, mayEndAccess(body));
  } catch (error) {
    const standing = isProvostError(error, 'APPROVAL_PENDING')
      ? await answerAsItStands(response, change, serviceProvider, dependencies)
      : undefined;
    if (standing === undefined) throw error;
    return standing;
  }
}

interface Changed {
  readonly type: ResourceTypeDefinition;
  readonly answer: ChangeAnswer;
  /** What the client sent, where that was a whole resource. */
  readonly sent: Resource | undefined;
}

/** Answers a change with the resource as it stands. */
async function answerChange(
  request: Request,
  response: Response,
  status: 200 | 201,
  { type, answer, sent }: Changed,
  dependencies: Scim2Dependencies,
): Promise<void> {
  const { reference, change, mode } = answer;
  const baseUrl = baseUrlOf(request, dependencies);
  response.set({ 'Provost-Change': change, Location: locationOf(baseUrl, type, reference.resourceId) });
  const rendered = await standing(request, type, answer, sent, dependencies);
  if (rendered === undefined) {
    // Patched by a client whose users are not kept here, or deleted by somebody else since.
    response.status(204).end();
    return;
  }
  response.set('ETag', etagOf(rendered.version));
  const selection = selectionOf1(request, type);
  const computed =
    mode === 'provision-only'
      ? undefined
      : await computedOf(principalOf(request).tenant, rendered, type, baseUrl, selection, dependencies);
  sendResource1(response, status, renderResource(rendered, type, baseUrl, selection, computed), type);
}
