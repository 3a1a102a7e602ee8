import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AdministrativeFact } from '../../../domain/audit.ts';
import { ProvostError } from '../../../domain/errors.ts';
import { type Caller, startAdmin, textAt } from './fixture.ts';

const RESIDENT = '/service-providers/resident';

interface Entry extends AdministrativeFact {
  readonly sequence: number;
}

async function trailOf(auditor: Caller, base: string): Promise<readonly Entry[]> {
  const { body, status } = await auditor('GET', `${base}/audit?limit=200`);
  return status === 404 ? [] : (body['items'] as unknown as Entry[]);
}

const told = (entries: readonly Entry[]) =>
  entries.map(({ event, actor, facts: { version: _, ...facts } = {} }) => [event, actor, facts]);

test('credentials leave who made, rotated and deleted them, and nothing of their secrets', async (context) => {
  const api = await startAdmin(context);
  const { tenant, base, admin } = await api.tenantWithAdmin();
  const auditor = await api.basicCaller(tenant, ['auditor']);
  const facts = { serviceProvider: 'resident', roles: ['auditor'], scopes: ['scim'] };
  const secrets: string[] = [];
  for (const kind of ['basic', 'client', 'token']) {
    const wanted = { kind, id: `hr-${kind}`, scopes: ['scim'], roles: ['auditor'] };
    const made = await admin('POST', `${base}${RESIDENT}/credentials`, wanted);
    const rotated = await admin('POST', `${base}${RESIDENT}/credentials/hr-${kind}/rotate`);
    secrets.push(textAt(made, 'secret'), textAt(rotated, 'secret'));
    assert.equal((await admin('DELETE', `${base}${RESIDENT}/credentials/hr-${kind}`)).status, 204);
  }
  const entries = await trailOf(auditor, base);
  assert.deepEqual(
    told(entries),
    ['basic', 'client', 'token'].flatMap((kind) =>
      ['created', 'rotated', 'deleted'].map((what) => [
        `credential-${what}`,
        admin.id,
        { credential: `hr-${kind}@acme`, kind, ...facts },
      ]),
    ),
  );
  const text = JSON.stringify(entries);
  assert.ok(secrets.every((secret) => !text.includes(secret)) && !text.includes('argon2'));
  assert.deepEqual((await auditor('GET', `${base}/audit/verify`)).body, { intact: true, entries: 9 });
});

test('what is refused leaves no entry', async (context) => {
  const api = await startAdmin(context);
  const { tenant, base, admin } = await api.tenantWithAdmin();
  const auditor = await api.basicCaller(tenant, ['auditor']);
  const platform = await api.basicCaller(tenant, ['platform-admin']);
  const wanted = { kind: 'basic', id: 'hr-system', scopes: [] };
  await admin('POST', `${base}${RESIDENT}/credentials`, wanted);
  for (const [method, path, body] of [
    ['POST', `${RESIDENT}/credentials`, wanted],
    ['POST', `${RESIDENT}/credentials`, { ...wanted, id: 'other', roles: ['platform-admin'] }],
    ['DELETE', `${RESIDENT}/credentials/${platform.id}`, undefined],
    ['DELETE', `${RESIDENT}/credentials/none`, undefined],
    ['DELETE', RESIDENT, undefined],
    ['DELETE', '/approval-webhooks/none', undefined],
    ['PUT', '/self-service', { open: ['roles'] }],
  ] as const)
    assert.ok((await admin(method, base + path, body)).status >= 400, `${method} ${path}`);
  assert.deepEqual(
    (await trailOf(auditor, base)).map(({ event }) => event),
    ['credential-created'],
  );
});

test('every edit of the configuration leaves its version and what it touched by name, and no value', async (context) => {
  const api = await startAdmin(context);
  const { tenant, base, admin } = await api.tenantWithAdmin();
  const auditor = await api.basicCaller(tenant, ['auditor']);
  const okta = textAt(await admin('POST', `${base}/identity-providers`, { name: 'Okta' }), 'id');
  const targets = `${base}/identity-providers/${okta}/targets`;
  const settings = { url: 'https://target.example.com', token: 'TOP-SECRET-TOKEN' };
  const wanted = { name: 'Payroll', connector: 'scim2', resourceTypes: ['User'], settings };
  const target = textAt(await admin('POST', targets, wanted), 'id');
  await admin('PUT', `${targets}/${target}`, {
    ...wanted,
    enabled: false,
    settings: { ...settings, token: 'ANOTHER-TOKEN' },
  });
  const hr = textAt(await admin('POST', `${base}/service-providers`, { name: 'HR', outbound: [okta] }), 'id');
  await admin('PUT', `${base}/service-providers/${hr}`, { name: 'HR', mode: 'persist' });
  const { id } = (await admin('POST', `${base}/service-providers/${hr}/credentials`, { kind: 'basic', scopes: [] }))
    .body;
  await admin('DELETE', `${base}/service-providers/${hr}`);
  await admin('PUT', `${base}/self-service`, { open: ['phoneNumbers'] });
  await admin('PUT', `${base}/approval-rules`, { items: [] });
  await admin('DELETE', `${targets}/${target}`);
  await admin('DELETE', `${base}/identity-providers/${okta}`);

  const entries = await trailOf(auditor, base);
  const credential = { credential: id, kind: 'basic', serviceProvider: hr, roles: [], scopes: [] };
  const edit = (facts: object) => ['configuration-changed', admin.id, facts];
  assert.deepEqual(told(entries), [
    edit({ created: [`identity-provider:${okta}`] }),
    edit({ created: [`target:${target}`] }),
    edit({ changed: [`target:${target}.enabled`, `target:${target}.sealedSecrets`] }),
    edit({ created: [`service-provider:${hr}`] }),
    edit({ changed: [`service-provider:${hr}.mode`, `service-provider:${hr}.outbound`] }),
    ['credential-created', admin.id, credential],
    ['credential-deleted', admin.id, credential],
    edit({ deleted: [`service-provider:${hr}`] }),
    edit({ changed: ['tenant.selfService'] }),
    edit({ changed: ['tenant.approvals'] }),
    edit({ deleted: [`target:${target}`] }),
    edit({ deleted: [`identity-provider:${okta}`] }),
  ]);
  const versions = entries.flatMap(({ facts }) => (facts?.['version'] === undefined ? [] : [facts['version']]));
  assert.deepEqual(
    versions,
    versions.map((_, index) => index + 2),
    'without a gap',
  );
  assert.ok(!/TOKEN|example\.com/.test(JSON.stringify(entries)));
});

test('delegations and webhooks leave who set and removed them', async (context) => {
  const api = await startAdmin(context);
  const { tenant, base, admin } = await api.tenantWithAdmin();
  const operator = await api.basicCaller(tenant, ['operator', 'auditor']);
  const [ada, bob] = [await api.addUser(tenant, 'ada'), await api.addUser(tenant, 'bob')];
  const wanted = { delegate: bob, from: '2030-01-01T00:00:00.000Z', until: '2030-02-01T00:00:00.000Z' };
  assert.equal((await operator('PUT', `${base}/delegations/${ada}`, wanted)).status, 200);
  for (let time = 1; time <= 2; time += 1)
    assert.equal((await operator('DELETE', `${base}/delegations/${ada}`)).status, 204);

  const url = 'https://hooks.example.com/SECRET?token=SECRET';
  const made = await admin('POST', `${base}/approval-webhooks`, { url });
  const webhook = textAt(made, 'id');
  const renewed = await admin('POST', `${base}/approval-webhooks/${webhook}/secret`, { keepOldForMs: 0 });
  assert.equal((await admin('DELETE', `${base}/approval-webhooks/${webhook}`)).status, 204);

  const entries = await trailOf(operator, base);
  const delegation = { person: ada, ...wanted };
  const hook = { webhook, origin: 'https://hooks.example.com', values: false };
  assert.deepEqual(told(entries), [
    ['delegation-set', operator.id, delegation],
    ['delegation-removed', operator.id, delegation],
    ['webhook-created', admin.id, hook],
    ['webhook-secret-renewed', admin.id, { webhook, oldUntil: textAt(renewed, 'oldUntil') }],
    ['webhook-deleted', admin.id, hook],
  ]);
  assert.ok(!/SECRET|whsec/.test(JSON.stringify(entries)));
});

test('jobs that are started and cancelled, and counts that are reset, leave who did so', async (context) => {
  const api = await startAdmin(context);
  const { tenant, base, admin } = await api.tenantWithAdmin();
  const operator = await api.basicCaller(tenant, ['operator', 'auditor']);
  const job = textAt(await operator('POST', `${base}/jobs`, { kind: 'policy-edit', from: 1, to: 1 }), 'id');
  assert.equal((await operator('POST', `${base}/jobs/${job}/cancel`)).status, 202);
  assert.equal((await admin('DELETE', `${base}${RESIDENT}/deviations`)).status, 204);
  assert.deepEqual(told(await trailOf(operator, base)), [
    ['job-started', operator.id, { job, kind: 'policy-edit' }],
    ['job-cancelled', operator.id, { job }],
    ['deviations-reset', admin.id, { serviceProvider: 'resident' }],
  ]);
});

test("what a platform administrator does in another tenant is in that tenant's trail and in their own", async (context) => {
  const api = await startAdmin(context);
  const home = await api.tenantWithAdmin('home');
  const platform = await api.basicCaller(home.tenant, ['platform-admin', 'auditor']);
  assert.equal((await platform('POST', '/tenants', { id: 'acme', name: 'Acme' })).status, 201);
  const wanted = { kind: 'basic', id: 'first-admin', scopes: [], roles: ['auditor'] };
  const made = await platform('POST', `/tenants/acme${RESIDENT}/credentials`, wanted);
  const theirs = api.callerWith(`Basic ${Buffer.from(`${made.body['id']}:${made.body['secret']}`).toString('base64')}`);
  const seen = (entries: readonly Entry[], other: string) =>
    entries.map(({ event, actor, facts }) => [event, actor, facts?.[other]]);
  assert.deepEqual(seen(await trailOf(theirs, '/tenants/acme'), 'actorTenant'), [
    ['tenant-created', platform.id, 'home'],
    ['credential-created', platform.id, 'home'],
  ]);
  assert.deepEqual(seen(await trailOf(platform, '/tenants/home'), 'tenant'), [
    ['tenant-created', platform.id, 'acme'],
    ['credential-created', platform.id, 'acme'],
  ]);
});

test('the trail is read in pages, by who may audit, and deeds at the same time are all in it', async (context) => {
  const api = await startAdmin(context);
  const { tenant, base, admin } = await api.tenantWithAdmin();
  const auditor = await api.basicCaller(tenant, ['auditor']);
  const made = await Promise.all(
    Array.from({ length: 20 }, () => admin('POST', `${base}${RESIDENT}/credentials`, { kind: 'basic', scopes: [] })),
  );
  assert.deepEqual(new Set(made.map(({ status }) => status)), new Set([201]));
  const sequences: number[] = [];
  for (let cursor = ''; ; ) {
    const page = await auditor('GET', `${base}/audit?limit=7${cursor}`);
    const items = page.body['items'] as Entry[];
    assert.ok(items.length <= 7);
    sequences.push(...items.map(({ sequence }) => sequence));
    if (page.body['next'] === undefined) break;
    cursor = `&cursor=${page.body['next']}`;
  }
  assert.deepEqual(
    sequences,
    Array.from({ length: 20 }, (_, index) => index + 1),
  );
  const stranger = await api.tenantWithAdmin('globex');
  assert.equal((await stranger.admin('GET', `${base}/audit`)).status, 403);
  assert.equal((await (await api.basicCaller(tenant, []))('GET', `${base}/audit`)).status, 403);
});

test('where the trail cannot be written, nobody is given a secret and nothing is taken away', async (context) => {
  let isBroken = false;
  const api = await startAdmin(context);
  const broken = {
    ...api.audit,
    appendAdministrative: async (...given: Parameters<typeof api.audit.appendAdministrative>) => {
      if (isBroken) throw new ProvostError('STORE_UNAVAILABLE', 'The trail cannot be written now.');
      return api.audit.appendAdministrative(...given);
    },
  };
  const other = await startAdmin(context, { audit: broken });
  const { base, admin } = await other.tenantWithAdmin();
  const made = await admin('POST', `${base}${RESIDENT}/credentials`, { kind: 'basic', id: 'kept', scopes: [] });
  isBroken = true;
  const refused = await admin('POST', `${base}${RESIDENT}/credentials`, { kind: 'basic', id: 'new', scopes: [] });
  assert.equal(refused.status, 503);
  assert.equal((await admin('DELETE', `${base}${RESIDENT}/credentials/kept`)).status, 503);
  const listed = (await admin('GET', `${base}${RESIDENT}/credentials`)).body['items'] as { id: string }[];
  const named = listed.map(({ id }) => id).filter((id) => id.includes('@'));
  assert.deepEqual(named, [made.body['id']]);
});
