import { z } from 'zod';
import { ProvostError } from '../../../domain/errors.ts';
import { asResourceId, type ResourceId, type TenantId } from '../../../domain/ids.ts';
import type { Delegation } from '../../../stores/delegations.ts';
import type { Principal } from '../../identify/principal.ts';
import type { RoutesDependencies } from '../dependencies.ts';
import { decodeCursor, pageOf, pageQuery, toPage } from '../page.ts';
import { InvalidRequest } from '../problem.ts';
import { type AdminRoute, defineRoute } from '../route.ts';

const GROUP = 'Approvals';
const OWN = '/approvals/delegation';
const ALL = '/tenants/:tenant/delegations';
const ONE = `${ALL}/:user` as const;

const moment = z.iso.datetime({ offset: true, error: 'Use a date and time with its offset, as 2027-01-04T08:00:00Z.' });

const delegationInput = z
  .strictObject({
    delegate: z.string().min(1).max(200).describe('Id of the user who decides meanwhile.'),
    from: moment.optional().describe('Left out: now.'),
    until: moment.describe('Its end, not included.'),
  })
  .meta({ id: 'DelegationInput' });

const delegationView = z
  .object({
    person: z.string(),
    delegate: z.string(),
    from: z.string(),
    until: z.string(),
    setBy: z.string().optional().describe('Who arranged it: `user:<id>`, or the id of a credential.'),
  })
  .meta({ id: 'Delegation' });

const listQuery = z.strictObject(pageQuery);
const NO_DELEGATION = 'There is no delegation of this person.';

/** Who decides for whom during an absence. */
export function delegationRoutes({ delegations, resources, record, now }: RoutesDependencies): AdminRoute[] {
  return [
    defineRoute({
      method: 'get',
      path: OWN,
      operation: 'readOwnDelegation',
      group: GROUP,
      summary: 'Read who decides for you',
      permission: 'anybody',
      answer: { status: 200, description: 'The delegation, whenever it is in force.', schema: delegationView },
      async handle({ principal }) {
        return { body: await existing(principal.tenant, personOf(principal)) };
      },
    }),
    defineRoute({
      method: 'put',
      path: OWN,
      operation: 'replaceOwnDelegation',
      group: GROUP,
      summary: 'Have somebody decide for you while you are absent',
      description:
        'He finds what waits for you in his inbox, with your name. What he asked for himself he cannot approve, and he cannot pass it on.',
      permission: 'anybody',
      body: delegationInput,
      answer: { status: 200, description: 'The delegation.', schema: delegationView },
      async handle({ principal, body }) {
        return { body: await put({ tenant: principal.tenant, principal }, personOf(principal), body) };
      },
    }),
    defineRoute({
      method: 'delete',
      path: OWN,
      operation: 'deleteOwnDelegation',
      group: GROUP,
      summary: 'Decide yourself again',
      permission: 'anybody',
      answer: { status: 204, description: 'There is none.' },
      async handle({ principal }) {
        await remove({ tenant: principal.tenant, principal }, personOf(principal));
        return { body: undefined };
      },
    }),
    defineRoute({
      method: 'get',
      path: ALL,
      operation: 'listDelegations',
      group: GROUP,
      summary: 'List who decides for whom',
      permission: 'operate',
      query: listQuery,
      answer: { status: 200, description: 'One page.', schema: pageOf('DelegationPage', delegationView) },
      async handle({ tenant, query: { limit, cursor } }) {
        const [after] = decodeCursor(cursor, 1) ?? [];
        const found = await delegations.list(tenant, { limit: limit + 1, ...(after === undefined ? {} : { after }) });
        return { body: toPage(found.map(shown), limit, ({ person }) => [person]) };
      },
    }),
    defineRoute({
      method: 'put',
      path: ONE,
      operation: 'replaceDelegation',
      group: GROUP,
      summary: 'Have somebody decide for a person who is absent',
      permission: 'operate',
      body: delegationInput,
      answer: { status: 200, description: 'The delegation.', schema: delegationView },
      async handle({ parameters, body, ...by }) {
        return { body: await put(by, asResourceId(parameters.user), body) };
      },
    }),
    defineRoute({
      method: 'delete',
      path: ONE,
      operation: 'deleteDelegation',
      group: GROUP,
      summary: 'End a delegation',
      permission: 'operate',
      answer: { status: 204, description: 'There is none.' },
      async handle({ parameters, ...by }) {
        await remove(by, asResourceId(parameters.user));
        return { body: undefined };
      },
    }),
  ];

  async function existing(tenant: TenantId, person: ResourceId): Promise<Delegation> {
    const found = await delegations.find(tenant, person);
    if (found === undefined) throw new ProvostError('NOT_FOUND', NO_DELEGATION);
    return shown(found);
  }

  async function remove(by: By, person: ResourceId): Promise<void> {
    const found = await delegations.find(by.tenant, person);
    if (found === undefined) return;
    const { setBy: _by, setFrom: _from, ...delegation } = found;
    await record(by, 'delegation-removed', delegation);
    await delegations.remove(by.tenant, person);
  }

  async function put(by: By, person: ResourceId, given: z.output<typeof delegationInput>): Promise<Delegation> {
    const { tenant } = by;
    const delegate = asResourceId(given.delegate);
    const [from, until] = [new Date(given.from ?? now()), new Date(given.until)].map((at) => at.toISOString());
    const errors: { path: string; message: string }[] = [];
    if ((await resources.find(tenant, 'User', delegate)) === undefined)
      errors.push({ path: 'delegate', message: 'There is no user with this id.' });
    if (delegate === person) errors.push({ path: 'delegate', message: 'Nobody stands in for himself.' });
    if (from === undefined || until === undefined || until <= from)
      errors.push({ path: 'until', message: 'It has to end after it begins.' });
    if (errors.length > 0 || from === undefined || until === undefined) throw new InvalidRequest(errors);
    if ((await resources.find(tenant, 'User', person)) === undefined)
      throw new ProvostError('NOT_FOUND', 'There is no user with this id.');
    const delegation = { person, delegate, from, until };
    await record(by, 'delegation-set', delegation);
    const { credential: setBy, serviceProvider: setFrom } = by.principal;
    await delegations.put(tenant, { ...delegation, setBy, setFrom });
    return { ...delegation, setBy };
  }
}

const shown = ({ setFrom: _setFrom, ...delegation }: Delegation): Delegation => delegation;

type By = { readonly tenant: TenantId; readonly principal: Principal };

/** @throws ProvostError `INVALID_VALUE` for a client that calls for itself */
function personOf({ user }: { readonly user?: ResourceId }): ResourceId {
  if (user !== undefined) return user;
  throw new ProvostError('INVALID_VALUE', 'Only a person can be stood in for; sign in as one.');
}
