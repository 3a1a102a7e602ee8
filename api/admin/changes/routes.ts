import { ProvostError } from '../../../domain/errors.ts';
import { asChangeId, asResourceId, asServiceProviderId, type TenantId } from '../../../domain/ids.ts';
import type { AwaitedReference } from '../../../stores/awaited-members.ts';
import type { ChangeQuery, ChangeRecord } from '../../../stores/changes.ts';
import type { RoutesDependencies } from '../dependencies.ts';
import { decodeCursor, toPage } from '../page.ts';
import { type AdminRoute, defineRoute } from '../route.ts';
import { changePage, changeQuery, changeTimeline } from './schemas.ts';
import { namesIn, viewOfChange, viewOfTimeline } from './view.ts';

const GROUP = 'Changes';
const PATH = '/tenants/:tenant/changes';
/** Most entries of a timeline; the newest ones. */
const MOST_ENTRIES = 1_000;
/** Most references of a page of changes that are told of. */
const MOST_REFERENCES = 1_000;

/** What was asked for, what came of it, and what waits. */
export function changeRoutes(dependencies: RoutesDependencies): AdminRoute[] {
  const { changes, audit, edits } = dependencies;
  return [
    defineRoute({
      method: 'get',
      path: PATH,
      operation: 'listChanges',
      group: GROUP,
      summary: 'List changes, newest first',
      permission: 'view changes',
      query: changeQuery,
      answer: { status: 200, description: 'A page of changes.', schema: changePage },
      async handle({ tenant, query }) {
        const { state, resource, serviceProvider, limit, cursor } = query;
        return {
          body: await page(tenant, limit, cursor, {
            ...(state === undefined ? {} : { state }),
            ...(resource === undefined ? {} : { resourceId: asResourceId(resource) }),
            ...(serviceProvider === undefined ? {} : { serviceProvider: asServiceProviderId(serviceProvider) }),
          }),
        };
      },
    }),
    defineRoute({
      method: 'get',
      path: `${PATH}/:change`,
      operation: 'readChange',
      group: GROUP,
      summary: 'Read a change with its timeline',
      permission: 'view changes',
      answer: {
        status: 200,
        description: 'The change, how it was decided, how each target ended up, and what led there.',
        schema: changeTimeline,
      },
      async handle({ tenant, parameters }) {
        const change = await existingChange(tenant, parameters.change, { changes });
        const [entries, policy, references] = await Promise.all([
          audit.ofChange(tenant, change.id, MOST_ENTRIES),
          edits.newest(tenant),
          awaitedBy(tenant, [change]),
        ]);
        return { body: viewOfTimeline(change, entries, namesIn(policy), references) };
      },
    }),
  ];

  async function page(tenant: TenantId, limit: number, cursor: string | undefined, filter: Omit<ChangeQuery, 'limit'>) {
    const key = decodeCursor(cursor, 2);
    const [receivedAt = '', id = ''] = key ?? [];
    const [found, policy] = await Promise.all([
      changes.list(tenant, {
        ...filter,
        limit: limit + 1,
        ...(key === undefined ? {} : { before: { receivedAt, id: asChangeId(id) } }),
      }),
      edits.newest(tenant),
    ]);
    const { items, ...rest } = toPage(found, limit, (last) => [last.receivedAt, last.id]);
    const references = await awaitedBy(tenant, items);
    return { ...rest, items: items.map((change) => viewOfChange(change, namesIn(policy), references)) };
  }

  /** What attributes of the resources of these changes wait for at the targets that they reached. */
  async function awaitedBy(tenant: TenantId, shown: readonly ChangeRecord[]): Promise<AwaitedReference[]> {
    const targets = new Set(shown.flatMap(({ steps }) => steps.map(({ target }) => target)));
    const resources = new Set(shown.map(({ resourceId }) => resourceId));
    return dependencies.awaitedMembers.referencesOf(tenant, [...targets], [...resources], MOST_REFERENCES);
  }
}

/** @throws ProvostError `NOT_FOUND` */
export async function existingChange(
  tenant: TenantId,
  id: string,
  { changes }: Pick<RoutesDependencies, 'changes'>,
): Promise<ChangeRecord> {
  const found = await changes.find(tenant, asChangeId(id));
  if (found === undefined) throw new ProvostError('NOT_FOUND', 'There is no change with this id.');
  return found;
}
