import assert from 'node:assert/strict';
import { test } from 'node:test';
import express from 'express';
import { renderProblem } from '../../../api/admin/problem.ts';
import { startAdmin } from './fixture.ts';

test('every failure is a problem with type, title, status, detail and a stable code', async (context) => {
  const { base, admin } = await (await startAdmin(context)).tenantWithAdmin();
  const missing = await admin('GET', `${base}/service-providers/none`);
  assert.equal(missing.headers.get('content-type'), 'application/problem+json; charset=utf-8');
  assert.deepEqual(missing.body, {
    type: 'urn:provost:error:not-found',
    title: 'Not found',
    status: 404,
    detail: 'There is no service provider with this id.',
    code: 'NOT_FOUND',
  });
});

test('a path that does not exist, and a method that a path does not take, are told apart', async (context) => {
  const { base, admin } = await (await startAdmin(context)).tenantWithAdmin();
  assert.deepEqual((await admin('GET', '/nothing')).body['code'], 'NOT_FOUND');
  const refused = await admin('PATCH', `${base}/service-providers/resident`, {});
  assert.deepEqual([refused.status, refused.headers.get('allow')], [405, 'GET, HEAD, PUT, DELETE']);
});

test('a body that is missing, no JSON, of another type or malformed is refused in those words', async (context) => {
  const { base, admin } = await (await startAdmin(context)).tenantWithAdmin();
  const path = `${base}/service-providers`;
  const codes = [
    await admin('POST', path),
    await admin('POST', path, '{"name":'),
    await admin('POST', path, 'name=HR', { 'content-type': 'text/plain' }),
    await admin('POST', path, '[]'),
    await admin('GET', `${path}/%ff`),
  ].map(({ status, body }) => [status, body['code']]);
  assert.deepEqual(codes, [
    [400, 'INVALID_SYNTAX'],
    [400, 'INVALID_SYNTAX'],
    [415, 'UNSUPPORTED_MEDIA_TYPE'],
    [400, 'INVALID_VALUE'],
    [400, 'INVALID_SYNTAX'],
  ]);
});

test('what nobody expected is reported inside and tells nothing outside', async (context) => {
  const reported: unknown[] = [];
  const app = express();
  app.set('report unexpected', (error: unknown, requestId: string) => reported.push([error, requestId]));
  app.use((_request, response, next) => {
    response.locals['requestId'] = 'request-7';
    next(new Error('password hunter2 at /srv/provost/secret.ts:1'));
  });
  app.use(renderProblem);
  const server = app.listen(0, '127.0.0.1');
  context.after(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const response = await fetch(`http://127.0.0.1:${address.port}/`);

  assert.equal(response.status, 500);
  assert.deepEqual(await response.json(), {
    type: 'urn:provost:error:internal',
    title: 'Internal',
    status: 500,
    detail: 'Something went wrong here. Name request request-7 when you report it.',
    code: 'INTERNAL',
  });
  assert.equal(reported.length, 1);
});
