import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFilter } from '../../../domain/scim/filter/parse-filter.ts';
import { resolveFilter } from '../../../domain/scim/filter/resolve-filter.ts';
import { USER_TYPE } from '../../../domain/scim/schema/resource-types.ts';
import { compileFilter } from '../../../stores/filter/compile-filter.ts';
import { idRanges } from '../../../stores/list/id-ranges.ts';
import { type PageRequest, pageQuery } from '../../../stores/list/list-query.ts';
import { BY_ID, sortOf } from '../../../stores/list/order.ts';
import { openFreshStore } from '../fresh-store.ts';

const INDEX_OF_FILTER = {
  'userName eq "user77"': /^tenant_1_type_1_k\.userName_1/,
  'userName sw "user77"': /^tenant_1_type_1_k\.userName_1/,
  'userName eq "user7" or userName eq "user8"': /^tenant_1_type_1_k\.userName_1/,
  'externalId eq "x5"': /^tenant_1_type_1_k\.externalId_1/,
  'emails eq "u7@example.com"': /^tenant_1_type_1_k\.emails\.value_1/,
  'emails.value eq "u7@example.com"': /^tenant_1_type_1_k\.emails\.value_1/,
  'emails[type eq "work" and value eq "u7@example.com"]': /^tenant_1_type_1_k\.emails\.value_1/,
  'active eq true and emails[type eq "work"].value eq "u7@example.com"': /^tenant_1_type_1_k\.emails\.value_1/,
  'displayName eq "User 5"': /^tenant_1_type_1_k\.displayName_1/,
  'meta.lastModified gt "2099-01-01T00:00:00Z"': /^tenant_1_type_1_k\.meta\.lastModified_1/,
  'id eq "x"': /_id/,
};

test('the server answers each common filter, and a page by id, from the index that is meant for it', async (context) => {
  const { addAll, documents, tenant } = await openFreshStore(context);
  await addAll(
    USER_TYPE,
    Array.from({ length: 3_000 }, (_, n) => ({
      userName: `user${n}`,
      externalId: `x${n}`,
      displayName: `User ${n % 1_000}`,
      active: n % 2 === 0,
      emails: [{ value: `u${n}@example.com`, type: 'work' }],
    })),
  );
  const indexesUsed = async (query: Readonly<Record<string, unknown>>, after?: PageRequest['after']) => {
    const page = pageQuery(tenant, [{ type: 'User', query }], {
      order: BY_ID,
      ...(after === undefined ? {} : { after }),
    });
    return usedIn(
      await documents
        .find(page as never)
        .sort(sortOf(BY_ID))
        .limit(100)
        .explain(),
    );
  };

  for (const [filter, index] of Object.entries(INDEX_OF_FILTER)) {
    const used = await indexesUsed(compileFilter(resolveFilter(parseFilter(filter), USER_TYPE)));
    assert.ok(used.length > 0 && used.every((name) => index.test(name)), `${filter} used ${used.join(', ')}`);
  }
  const used = await indexesUsed({}, { id: '80000000-0000-4000-8000-000000000000' });
  assert.ok(used.length > 0 && used.every((name) => /_id/.test(name)), `the page by id used ${used.join(', ')}`);
  const [range] = idRanges(1, undefined, 2 ** 40);
  const usedFirst = usedIn(
    await documents
      .find({ tenant, type: 'User', _id: range as never })
      .sort(sortOf(BY_ID))
      .limit(100)
      .explain(),
  );
  assert.ok(usedFirst.length > 0 && usedFirst.every((name) => /_id/.test(name)), `the first page used ${usedFirst}`);
});

/** Names of the indexes that a plan reads, whether MongoDB or DocumentDB on PostgreSQL speaks; a scan of everything is one too. */
function usedIn(explained: unknown): string[] {
  const root = isRecord(explained) && isRecord(explained['queryPlanner']) ? explained['queryPlanner'] : {};
  const used: string[] = [];
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) node.forEach(visit);
    if (!isRecord(node)) return;
    const stage = node['stage'] ?? node['Node Type'];
    if (stage === 'COLLSCAN' || stage === 'Seq Scan') used.push('a scan of everything');
    if (stage === 'IXSCAN' || stage === 'IDHACK' || stage === 'EXPRESS_IXSCAN')
      used.push(String(node['indexName'] ?? '_id_'));
    if (typeof stage === 'string' && stage.includes('Index')) used.push(String(node['Index Name']));
    Object.values(node).forEach(visit);
  };
  visit(root['winningPlan'] ?? root['Plan']);
  return used;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
