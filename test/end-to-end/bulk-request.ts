import assert from 'node:assert/strict';
import type { Answer, Send } from './tenant.ts';

export interface OperationAnswer {
  readonly method: string;
  readonly bulkId?: string;
  readonly location?: string;
  readonly version?: string;
  readonly status: string;
  readonly response?: { readonly detail: string; readonly scimType?: string; readonly status: string };
}

export const bulkOf = (operations: readonly object[], failOnErrors?: number) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
  ...(failOnErrors === undefined ? {} : { failOnErrors }),
  Operations: operations,
});

export const newUser = (bulkId: string, data: object = {}) => ({
  method: 'POST',
  path: '/Users',
  bulkId,
  data: { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: bulkId, ...data },
});

export const newGroup = (bulkId: string, members: readonly string[] = []) => ({
  method: 'POST',
  path: '/Groups',
  bulkId,
  data: {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
    displayName: bulkId,
    ...(members.length === 0 ? {} : { members: members.map((value) => ({ value })) }),
  },
});

export const operationsIn = ({ body }: Pick<Answer, 'body'>): readonly OperationAnswer[] =>
  (body['Operations'] ?? []) as readonly OperationAnswer[];

/** Sends a bulk request that is answered as a whole. */
export async function sendBulk(
  scim: Send,
  operations: readonly object[],
  failOnErrors?: number,
): Promise<readonly OperationAnswer[]> {
  const answer = await scim('POST', '/Bulk', bulkOf(operations, failOnErrors));
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(answer.body['schemas'], ['urn:ietf:params:scim:api:messages:2.0:BulkResponse']);
  return operationsIn(answer);
}

/** Path of a resource below the SCIM service, out of its location. */
export const pathOf = ({ location }: Pick<OperationAnswer, 'location'>): string =>
  new URL(location ?? '').pathname.replace('/scim/v2', '');

export const idOf = (operation: Pick<OperationAnswer, 'location'>): string => pathOf(operation).split('/')[2] ?? '';

export const statuses = (operations: readonly OperationAnswer[]): string[] => operations.map(({ status }) => status);
