import { uniqueKey } from '../../../domain/apply-change.ts';
import { ProvostError } from '../../../domain/errors.ts';
import { asResourceId, type ResourceId, type TenantId } from '../../../domain/ids.ts';
import { PRIMARY_STORE } from '../../../domain/policy.ts';
import { foldCase } from '../../../domain/scim/fold-case.ts';
import { MOST_CREDENTIALS } from '../../../stores/credentials.ts';
import type { RoutesDependencies } from '../dependencies.ts';
import { InvalidRequest } from '../problem.ts';
import { type AdminRoute, defineRoute } from '../route.ts';
import { existingServiceProvider } from '../service-providers/edit.ts';
import { credentialIdFor, existingCredential, factsOf, makeSecret, requireMayHandle, toPresent } from './keep.ts';
import { credentialInput, credentialList, newCredential } from './schemas.ts';

const GROUP = 'Credentials';
const PATH = '/tenants/:tenant/service-providers/:serviceProvider/credentials';
const ONE = `${PATH}/:credential` as const;

/** What service providers identify themselves by. */
export function credentialRoutes(dependencies: RoutesDependencies): AdminRoute[] {
  const { edits, record, credentials, resources, hashSecret, forgetCredential, now } = dependencies;
  return [
    defineRoute({
      method: 'get',
      path: PATH,
      operation: 'listCredentials',
      group: GROUP,
      summary: 'List the credentials of a service provider, without their secrets',
      permission: 'view configuration',
      answer: { status: 200, description: 'All of them.', schema: credentialList },
      async handle({ tenant, parameters }) {
        const { id } = existingServiceProvider(await edits.newest(tenant), parameters.serviceProvider);
        return { body: { items: await credentials.list(tenant, id) } };
      },
    }),
    defineRoute({
      method: 'post',
      path: PATH,
      operation: 'createCredential',
      group: GROUP,
      summary: 'Create a credential',
      description: 'Its secret is in the answer, and nowhere afterwards.',
      permission: 'configure',
      body: credentialInput,
      answer: { status: 201, description: 'The credential with its secret.', schema: newCredential },
      failures: { 409: 'A credential or a user of the tenant has this name.' },
      async handle({ tenant, principal, parameters, body }) {
        requireMayHandle(principal, body.roles);
        const { id: serviceProvider } = existingServiceProvider(await edits.newest(tenant), parameters.serviceProvider);
        const secret = makeSecret();
        const { kind, scopes, roles, user } = body;
        const id = credentialIdFor(body.id, tenant);
        await requireFree(tenant, body.id);
        if ((await credentials.list(tenant, serviceProvider)).length >= MOST_CREDENTIALS)
          throw new ProvostError(
            'TOO_MANY',
            `A service provider has ${MOST_CREDENTIALS} credentials at most; delete one first.`,
          );
        const createdAt = now().toISOString();
        const person = user === undefined ? {} : { user: await existingUser(tenant, user) };
        const credential = { id, tenant, kind, serviceProvider, scopes, roles, createdAt, ...person };
        await credentials.add({ ...credential, secretHash: await hashSecret(secret) });
        try {
          // A service provider that was deleted meanwhile must not leave a credential: it would count as the resident one's.
          existingServiceProvider(await edits.newest(tenant), serviceProvider);
          await record({ tenant, principal }, 'credential-created', factsOf(credential));
        } catch (error) {
          await credentials.remove(tenant, id);
          throw error;
        }
        return {
          body: { ...credential, secret: toPresent(credential, secret) },
          location: `/tenants/${tenant}/service-providers/${serviceProvider}/credentials/${id}`,
        };
      },
    }),
    defineRoute({
      method: 'delete',
      path: ONE,
      operation: 'deleteCredential',
      group: GROUP,
      summary: 'Delete a credential',
      description:
        'It stops working within two seconds everywhere; access tokens that were issued to it stop with it, whoever gets its name next.',
      permission: 'configure',
      answer: { status: 204, description: 'It is gone.' },
      async handle({ tenant, principal, parameters }) {
        const credential = await existing(tenant, parameters);
        requireMayHandle(principal, credential.roles);
        await record({ tenant, principal }, 'credential-deleted', factsOf(credential));
        await credentials.remove(tenant, credential.id);
        forgetCredential(credential.id);
        return { body: undefined };
      },
    }),
    defineRoute({
      method: 'post',
      path: `${ONE}/rotate`,
      operation: 'rotateCredential',
      group: GROUP,
      summary: 'Give a credential a new secret',
      description:
        'The old secret stops working within two seconds everywhere. To change over without a gap, create a second credential, move the client to it, and delete the first. Access tokens that were issued before stop with the old secret.',
      permission: 'configure',
      answer: { status: 200, description: 'The credential with its new secret.', schema: newCredential },
      failures: { 409: 'Somebody else rotated or deleted it at the same time.' },
      async handle({ tenant, principal, parameters }) {
        const credential = await existing(tenant, parameters);
        requireMayHandle(principal, credential.roles);
        const secret = makeSecret();
        const renewed = { secretHash: await hashSecret(secret), createdAt: now().toISOString() };
        if (!(await credentials.rotate(credential, renewed))) {
          throw new ProvostError(
            'CONCURRENT_WRITE',
            'Somebody else changed this credential at the same time; look again.',
          );
        }
        forgetCredential(credential.id);
        await record({ tenant, principal }, 'credential-rotated', factsOf(credential));
        return { body: { ...credential, createdAt: renewed.createdAt, secret: toPresent(credential, secret) } };
      },
    }),
  ];

  /**
   * Users sign in as `userName@tenant` too, and credentials of older releases have names without a tenant.
   *
   * @throws ProvostError `UNIQUENESS`
   */
  async function requireFree(tenant: TenantId, name: string | undefined): Promise<void> {
    if (name === undefined) return;
    const key = uniqueKey(PRIMARY_STORE, 'userName', foldCase(name));
    const taken = (await credentials.find(tenant, name)) ?? (await resources.findByKey(tenant, 'User', key));
    if (taken !== undefined)
      throw new ProvostError(
        'UNIQUENESS',
        'A credential or a user of this tenant has this name; choose another name.',
        { path: 'id' },
      );
  }

  /** @throws InvalidRequest where the tenant has no such user */
  async function existingUser(tenant: TenantId, id: string): Promise<ResourceId> {
    const user = await resources.find(tenant, 'User', asResourceId(id));
    if (user === undefined) throw new InvalidRequest([{ path: 'user', message: 'There is no user with this id.' }]);
    return user.id;
  }

  function existing(tenant: TenantId, parameters: { readonly serviceProvider: string; readonly credential: string }) {
    return existingCredential(tenant, parameters.serviceProvider, parameters.credential, dependencies);
  }
}
