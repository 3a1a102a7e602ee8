import { ProvostError } from '../../../domain/errors.ts';
import type { TenantSummary } from '../administration.ts';
import type { Call } from '../call.ts';
import type { Operation } from '../contract/operation.ts';
import { type SoapValue, text, whole } from '../contract/schema-types.ts';
import { TENANT_TYPE } from '../contract/wso2-types.ts';
import type { Arguments } from '../message/arguments.ts';
import { numberOf } from './users.ts';

const FOR_PLATFORM = { requires: [], takes: 'the role `platform-admin`' } as const;
const NUMBER = [whole('tenantId')];

/** Every tenant is active from the start; there are no administrators by name, mail and password. */
const viewOf = ({ id, name }: TenantSummary): SoapValue => ({
  active: true,
  adminFullName: name,
  domain: id,
  id: numberOf(id),
});

async function tenants(call: Call): Promise<readonly TenantSummary[]> {
  const { administration } = call.dependencies;
  administration.requireTenantManager(call.principal);
  return administration.listTenants();
}

/** @returns undefined where there is none, as WSO2 answers */
async function numbered(call: Call): Promise<TenantSummary | undefined> {
  const number = call.given.whole('tenantId');
  if (number === undefined) throw new ProvostError('INVALID_VALUE', 'tenantId must be given.', { path: 'tenantId' });
  const [found, ...others] = (await tenants(call)).filter(({ id }) => numberOf(id) === number);
  if (others.length > 0)
    throw new ProvostError(
      'UNIQUENESS',
      'Several tenants have this number; use the administration API to tell them apart.',
    );
  return found;
}

async function existing(call: Call): Promise<TenantSummary> {
  const found = await numbered(call);
  if (found === undefined) throw new ProvostError('NOT_FOUND', 'There is no tenant of this number.');
  return found;
}

function sentTenant({ given }: Call): Arguments {
  const [tenant] = given.objects('tenant');
  if (tenant === undefined) throw new ProvostError('INVALID_VALUE', 'tenant must be given.', { path: 'tenant' });
  return tenant;
}

const cannot = (what: string): ProvostError => new ProvostError('NOT_IMPLEMENTED', what);

function refuseWhatIsNotKept(tenant: Arguments): void {
  if (tenant.plain('adminPassword') !== '' || tenant.plain('adminName') !== '' || tenant.plain('email') !== '')
    throw cannot(
      'A tenant has no administrator by name, mail and password: leave adminName, adminPassword and email out, and make a credential for its administrator by the administration API.',
    );
  if (tenant.flag('active') === false) throw cannot('Every tenant is active; none can be deactivated.');
}

/** Tenants, for whoever manages them by the administration API too: platform administrators. */
export const TENANT_OPERATIONS: readonly Operation[] = [
  {
    name: 'getAllTenants',
    parameters: [],
    returns: { type: TENANT_TYPE, repeated: true },
    ...FOR_PLATFORM,
    run: async (call) => (await tenants(call)).map(viewOf),
  },
  {
    name: 'getTenant',
    parameters: NUMBER,
    returns: { type: TENANT_TYPE },
    ...FOR_PLATFORM,
    async run(call) {
      const found = await numbered(call);
      return found === undefined ? undefined : viewOf(found);
    },
  },
  {
    name: 'getTenantId',
    parameters: [text('domain')],
    returns: { type: 'int' },
    ...FOR_PLATFORM,
    async run(call) {
      const domain = call.given.text('domain').trim().toLowerCase();
      const found = (await tenants(call)).find(({ id }) => id === domain);
      return found === undefined ? -1 : numberOf(found.id);
    },
  },
  {
    name: 'getDomain',
    parameters: NUMBER,
    returns: { type: 'string' },
    ...FOR_PLATFORM,
    run: async (call) => (await numbered(call))?.id,
  },
  {
    name: 'getSuperTenantDomain',
    parameters: [],
    returns: { type: 'string' },
    ...FOR_PLATFORM,
    // The one that platform administrators belong to: that of whoever may ask.
    async run(call) {
      call.dependencies.administration.requireTenantManager(call.principal);
      return call.principal.tenant;
    },
  },
  {
    name: 'isTenantActive',
    parameters: NUMBER,
    returns: { type: 'boolean' },
    ...FOR_PLATFORM,
    run: async (call) => (await numbered(call)) !== undefined,
  },
  {
    name: 'addTenant',
    parameters: [{ name: 'tenant', type: TENANT_TYPE }],
    returns: { type: 'int' },
    ...FOR_PLATFORM,
    async run(call) {
      const { administration } = call.dependencies;
      administration.requireTenantManager(call.principal);
      const tenant = sentTenant(call);
      refuseWhatIsNotKept(tenant);
      const domain = tenant.text('domain').trim().toLowerCase();
      await administration.createTenant(call.principal, domain, tenant.plain('adminFullName').trim() || domain);
      return numberOf(domain);
    },
  },
  {
    name: 'updateTenant',
    parameters: [{ name: 'tenant', type: TENANT_TYPE }],
    ...FOR_PLATFORM,
    async run(call) {
      const all = await tenants(call);
      const tenant = sentTenant(call);
      const found = all.find(({ id }) => numberOf(id) === tenant.whole('id'));
      if (found === undefined) throw new ProvostError('NOT_FOUND', 'There is no tenant of this number.');
      refuseWhatIsNotKept(tenant);
      if (![found.id, ''].includes(tenant.plain('domain').trim().toLowerCase()))
        throw new ProvostError('MUTABILITY', 'The domain of a tenant cannot be changed.');
      return undefined;
    },
  },
  {
    name: 'activateTenant',
    parameters: NUMBER,
    ...FOR_PLATFORM,
    async run(call) {
      // It is active: every one is.
      await existing(call);
      return undefined;
    },
  },
  {
    name: 'deactivateTenant',
    parameters: NUMBER,
    ...FOR_PLATFORM,
    async run(call) {
      await existing(call);
      throw cannot('Every tenant is active; none can be deactivated.');
    },
  },
  {
    name: 'deleteTenant',
    parameters: NUMBER,
    ...FOR_PLATFORM,
    async run(call) {
      await existing(call);
      throw cannot('Tenants are not deleted: what they accepted is kept.');
    },
  },
];
