import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Router } from 'express';
import { createAdminRoutes, describedRoutes } from '../../../api/admin/admin-routes.ts';
import type { AdminDependencies } from '../../../api/admin/dependencies.ts';
import { templateOf } from '../../../api/admin/openapi/document.ts';
import { referencePage } from '../../../api/admin/openapi/reference-page.ts';
import { type Reply, startAdmin, textAt } from './fixture.ts';

// Nothing is called: the routes are only looked at.
const NOTHING = {} as AdminDependencies;
const { document } = describedRoutes(NOTHING);

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

/** Every route that express really has, as `get /tenants/{tenant}`. */
function mounted(router: Router): string[] {
  return router.stack.flatMap((layer) => {
    if (layer.route !== undefined) {
      const { path, stack } = layer.route;
      return stack.flatMap(({ method }) => (method === undefined ? [] : [`${method} ${templateOf(path)}`]));
    }
    const inner = layer.handle as unknown as Partial<Router>;
    return inner.stack === undefined ? [] : mounted(inner as Router);
  });
}

test('each mounted route is described, and each described one is mounted', () => {
  const described = operations.map(({ method, path }) => `${method} ${path}`);
  assert.deepEqual(mounted(createAdminRoutes(NOTHING)).sort(), described.sort());
  assert.equal(new Set(described).size, described.length);
});

test('the description is OpenAPI 3.1 as its specification wants it', () => {
  assert.equal(document.openapi, '3.1.0');
  const ids = operations.map(({ operation }) => operation.operationId);
  assert.equal(new Set(ids).size, ids.length, 'operation ids are unique');
  const tags = new Set(document.tags.map(({ name }) => name));
  for (const { path, method, operation } of operations) {
    const where = `${method} ${path}`;
    const inPath = operation.parameters.filter((parameter) => parameter.in === 'path');
    assert.deepEqual(
      inPath.map(({ name }) => name),
      [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
      where,
    );
    assert.ok(
      inPath.every(({ required }) => required),
      where,
    );
    const keys = operation.parameters.map((parameter) => `${parameter.in} ${parameter.name}`);
    assert.equal(new Set(keys).size, keys.length, where);
    assert.ok(
      operation.tags.every((tag) => tags.has(tag)),
      where,
    );
    assert.ok(operation.requestBody === undefined || method === 'post' || method === 'put', where);
    assert.ok(
      Object.keys(operation.responses).some((status) => status.startsWith('2')),
      where,
    );
    for (const [status, { description }] of Object.entries(operation.responses)) {
      assert.match(status, /^[2-5]\d\d$/, where);
      assert.notEqual(description, '', where);
    }
    for (const requirement of operation.security) {
      for (const [scheme, scopes] of Object.entries(requirement)) {
        const known = document.components.securitySchemes[scheme];
        assert.ok(known, where);
        for (const scope of scopes) assert.ok(JSON.stringify(known).includes(`"${scope}"`), where);
      }
    }
  }
});

test('every schema compiles, and every reference leads somewhere', () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference]) => reference);
  assert.ok(references.length > 50);
  const known = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`);
  assert.deepEqual(
    [...new Set(references)].filter((reference) => !known.includes(String(reference))),
    [],
  );
  const ajv = withDocument();
  for (const reference of known) assert.ok(ajv.compile({ $ref: `openapi.json${reference}` }), reference);
});

test('every schema has a name that says what it is, and its fields are in the reference', () => {
  const sections = referencePage(document).split(/^### /m);
  for (const name of Object.keys(document.components.schemas)) {
    assert.match(name, /^[A-Z][A-Za-z]+$/);
    const section = sections.find((one) => one.startsWith(`${name}\n`)) ?? '';
    assert.match(section, /\| --- \|\n\| `/, name);
  }
});

test('answers are as the description says they are', async (context) => {
  const { base, admin } = await (await startAdmin(context)).tenantWithAdmin();
  const ajv = withDocument();
  const provider = await admin('POST', `${base}/identity-providers`, { name: 'Okta' });
  const targets = `${base}/identity-providers/${textAt(provider, 'id')}/targets`;
  const answers: readonly (readonly [string, Reply])[] = [
    ['IdentityProvider', provider],
    ['Target', await admin('POST', targets, { name: 'a', connector: 'scim2', settings: { url: 'https://a.example' } })],
    ['TargetList', await admin('GET', targets)],
    ['ServiceProviderList', await admin('GET', `${base}/service-providers`)],
    ['ChangePage', await admin('GET', `${base}/changes`)],
    ['Problem', await admin('POST', targets, {})],
  ];
  for (const [name, { body }] of answers) {
    const isRight = ajv.compile({ $ref: `openapi.json#/components/schemas/${name}` });
    assert.ok(isRight(body), `${name}: ${JSON.stringify(isRight.errors)} in ${JSON.stringify(body)}`);
  }
});

test('whoever is authenticated may read the description, and nobody else', async (context) => {
  const { createTenant, basicCaller, nobody } = await startAdmin(context);
  const caller = await basicCaller(await createTenant('acme'), []);
  const reply = await caller('GET', '/openapi.json');
  assert.equal(reply.status, 200);
  assert.deepEqual(reply.body, JSON.parse(JSON.stringify(document)));
  assert.equal((await nobody('GET', '/openapi.json')).status, 401);
});

function withDocument(): Ajv2020 {
  const ajv = new Ajv2020({ strict: false });
  ajv.addSchema({ ...document, $id: 'openapi.json' });
  return ajv;
}
