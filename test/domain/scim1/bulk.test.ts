import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { STANDARD_RESOURCE_TYPES } from '../../../domain/scim/schema/resource-types.ts';
import { BULK_REQUEST_SCHEMA, fromBulkResponse, toBulkRequest } from '../../../domain/scim1/bulk.ts';

const CORE = 'urn:scim:schemas:core:1.0';

test('the data of each operation is converted by its method and path, the rest stays; /v1 before a path goes', () => {
  const { request, refused } = toBulkRequest(
    {
      schemas: [CORE],
      failOnErrors: 1,
      Operations: [
        { method: 'POST', path: '/Users', bulkId: 'q', data: { schemas: [CORE], userName: 'PRIMARY/alice' } },
        { method: 'PUT', path: '/v1/Users/7', version: 'W/"1"', data: { schemas: [CORE], userName: 'bob' } },
        { method: 'PATCH', path: '/Groups/9', data: { members: [{ value: 'bulkId:q' }] } },
        { method: 'DELETE', path: '/Users/8' },
        { method: 'POST', path: '/Devices', data: { anything: 1 } },
      ],
    },
    STANDARD_RESOURCE_TYPES,
  );
  assert.equal(refused.size, 0);
  const core2 = ['urn:ietf:params:scim:schemas:core:2.0:User'];
  assert.deepEqual(request, {
    schemas: [BULK_REQUEST_SCHEMA],
    failOnErrors: 1,
    Operations: [
      { method: 'POST', path: '/Users', bulkId: 'q', data: { schemas: core2, userName: 'alice' } },
      { method: 'PUT', path: '/Users/7', version: 'W/"1"', data: { schemas: core2, userName: 'bob' } },
      {
        method: 'PATCH',
        path: '/Groups/9',
        data: {
          schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
          Operations: [{ op: 'add', path: 'members', value: [{ value: 'bulkId:q' }] }],
        },
      },
      { method: 'DELETE', path: '/Users/8' },
      { method: 'POST', path: '/Devices', data: { anything: 1 } },
    ],
  });
});

test('an operation that 1.1 refuses fails alone, and its answer says why', () => {
  const { request, refused } = toBulkRequest(
    {
      Operations: [
        { method: 'POST', path: '/Users', data: { userName: 'HR/maya' } },
        { method: 'DELETE', path: '/Users/8' },
      ],
    },
    STANDARD_RESOURCE_TYPES,
  );
  assert.deepEqual((request as { Operations: unknown[] }).Operations[0], {
    method: 'POST',
    path: '/Users',
    data: null,
  });
  const answer = fromBulkResponse(
    {
      Operations: [
        { method: 'POST', status: '400', response: { detail: 'The body must be a JSON object.' } },
        { method: 'DELETE', location: 'https://x/Users/8', status: '204' },
      ],
    },
    refused,
  );
  assert.deepEqual(answer, {
    schemas: [CORE],
    Operations: [
      {
        method: 'POST',
        status: {
          code: '400',
          description: 'userName names a user store that does not exist; the only one is PRIMARY.',
        },
      },
      { method: 'DELETE', location: 'https://x/Users/8', status: { code: '204' } },
    ],
  });
});

test('any JSON passes for SCIM 2.0 to judge', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (input) => {
      toBulkRequest(input, STANDARD_RESOURCE_TYPES);
      toBulkRequest(
        { Operations: [input, { method: 'PATCH', path: '/Users/1', data: input }] },
        STANDARD_RESOURCE_TYPES,
      );
      toBulkRequest({ Operations: input, path: input, method: input }, STANDARD_RESOURCE_TYPES);
    }),
  );
});
