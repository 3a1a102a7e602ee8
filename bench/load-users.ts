import { createHash } from 'node:crypto';
import type { Connection } from 'mongoose';
import { createResourceRules } from '../domain/apply-change.ts';
import { asChangeId, asResourceId, asTenantId } from '../domain/ids.ts';
import { PRIMARY_STORE } from '../domain/policy.ts';
import type { Resource } from '../domain/scim/resource.ts';
import { findResourceType, STANDARD_RESOURCE_TYPES } from '../domain/scim/schema/resource-types.ts';
import { fromStored, toStored } from '../domain/scim/stored-form.ts';
import { createResourceStore, type ResourceWrite } from '../stores/resources.ts';

const BATCH = 1_000;
const FIRST_CHANGE = Date.UTC(2026, 0, 1);

/** Ids as they are made in production: in no order. */
export const userId = (index: number): string => {
  const hex = createHash('sha256').update(`user ${index}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};
export const userName = (index: number): string => `Person.${index}@example.com`;
export const email = (index: number): string => `p${index}@mail.example.com`;
/** The user with a higher number was changed later, a second for each. */
export const lastModified = (index: number): string => new Date(FIRST_CHANGE + index * 1000).toISOString();

/** A user as directories send them: name, mail, phone, department. */
export const userBody = (name: string, index: number): Resource => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User', 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'],
  userName: name,
  externalId: `hr-${name}`,
  name: { givenName: `Given${index % 997}`, familyName: `Family${index % 4999}`, formatted: `Given Family ${index}` },
  displayName: `Given Family ${index}`,
  title: 'Engineer',
  active: true,
  emails: [{ value: email(index), type: 'work', primary: true }],
  phoneNumbers: [{ value: `+49-30-${1_000_000 + index}`, type: 'work' }],
  'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': {
    employeeNumber: String(index),
    department: `Department ${index % 50}`,
  },
});

/**
 * Fills a tenant with users, past the workflow: the first one by the store, which shows the form of a document, the
 * others in that form by bulk.
 */
export async function loadUsers(connection: Connection, tenant: string, count: number): Promise<void> {
  const documents = connection.collection('resources');
  const store = createResourceStore(connection, { toStored, fromStored });
  await store.insert(writeOf(tenant, 0));
  const first = await documents.findOne({ _id: userId(0) as never });
  requireSameForm(first, documentOf(writeOf(tenant, 0)));
  for (let from = 1; from < count; from += BATCH) {
    const indexes = Array.from({ length: Math.min(BATCH, count - from) }, (_, offset) => from + offset);
    await documents.insertMany(indexes.map((index) => documentOf(writeOf(tenant, index))) as never[], {
      ordered: false,
    });
  }
}

const type = findResourceType(STANDARD_RESOURCE_TYPES, 'User');
if (type === undefined) throw new Error('there is no resource type User');
const rules = createResourceRules(type);

function writeOf(tenant: string, index: number): ResourceWrite {
  const resource = userBody(userName(index), index);
  const facts = { id: userId(index), created: lastModified(index), lastModified: lastModified(index) };
  return {
    id: asResourceId(facts.id),
    tenant: asTenantId(tenant),
    type: 'User',
    store: PRIMARY_STORE,
    version: 1,
    change: asChangeId(`load-${index}`),
    created: facts.created,
    lastModified: facts.lastModified,
    resource,
    shadow: rules.shadow(resource, facts),
    uniqueKeys: rules.uniqueKeys(resource, PRIMARY_STORE),
  };
}

const documentOf = ({ id, resource, shadow, uniqueKeys, ...rest }: ResourceWrite): object => ({
  _id: id,
  ...rest,
  createdBy: rest.change,
  r: toStored(resource),
  k: toStored(shadow),
  uniq: uniqueKeys,
});

/** The store may have come to write something else than what is loaded here: then nothing measured would count. */
function requireSameForm(stored: object | null, ours: object): void {
  const form = (value: object | null): string => JSON.stringify(Object.entries(value ?? {}).sort());
  if (form(stored) !== form(ours))
    throw new Error(`the store writes ${form(stored)}; load-users.ts writes ${form(ours)}`);
}
