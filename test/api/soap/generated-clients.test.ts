import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { BasicAuthSecurity, type Client, createClientAsync } from 'soap';
import { SERVICES } from '../../../api/soap/services.ts';
import { claimPort } from '../../../dev/services/ports.ts';
import { startInstallation, type TestInstallation } from '../../end-to-end/installation.ts';
import { newTenant } from '../../end-to-end/tenant.ts';
import { driveWithZeep, pythonWithZeep } from './zeep.ts';

let provost: TestInstallation;
before(async () => {
  // A port of its own, so that the addresses in the descriptions are true.
  const port = await claimPort({ port: 0, wantedBy: 'the API', variable: 'PROVOST_API_PORT' });
  provost = await startInstallation({ env: { PROVOST_API_PORT: String(port) } });
});
after(() => provost.stop());

for (const service of SERVICES)
  for (const version of ['11', '12'] as const)
    test(`zeep drives every operation of ${service.name} from its description, by SOAP ${version}`, async (context) => {
      const zeep = await pythonWithZeep();
      if ('missing' in zeep) return context.skip(zeep.missing);
      const { credential } = await newTenant(provost.url, { mode: 'persist' });
      const wsdl = `${provost.url}/services/${service.name}?wsdl`;
      assert.deepEqual(
        await driveWithZeep(zeep.python, wsdl, version, credential),
        service.operations.map(({ name }) => name).sort(),
      );
    });

test('zeep drives a tenant by its own path', async (context) => {
  const zeep = await pythonWithZeep();
  if ('missing' in zeep) return context.skip(zeep.missing);
  const { credential, id } = await newTenant(provost.url, { mode: 'persist' });
  const wsdl = `${provost.url}/t/${id}/services/RemoteUserStoreManagerService?wsdl`;
  const called = await driveWithZeep(zeep.python, wsdl, '11', credential);
  assert.equal(called.length, SERVICES[0]?.operations.length);
});

/** The client's methods as promises of their first result. */
async function nodeSoap(service: string, credential: { id: string; secret: string }, forceSoap12Headers = false) {
  const client: Client = await createClientAsync(`${provost.url}/services/${service}?wsdl`, { forceSoap12Headers });
  client.setSecurity(new BasicAuthSecurity(credential.id, credential.secret));
  return async (operation: string, parameters: object = {}): Promise<unknown> => {
    const method: unknown = client[`${operation}Async`];
    assert.ok(typeof method === 'function', `the description has no ${operation}`);
    const [result] = (await method.call(client, parameters)) as [{ return?: unknown } | null];
    return result?.return;
  };
}

for (const [service, nothing] of [
  ['RemoteUserStoreManagerService', undefined],
  ['RemoteUserStoreManagerServiceV2', true],
] as const)
  test(`node-soap's client works with ${service}`, async () => {
    const { credential } = await newTenant(provost.url, { mode: 'persist' });
    const call = await nodeSoap(service, credential);
    const claims = [{ claimURI: 'http://wso2.org/claims/givenname', value: 'Nő & <x>' }];
    assert.equal(await call('addRole', { roleName: 'staff' }), nothing);
    assert.equal(await call('addUser', { userName: 'no', credential: 'pw', roleList: ['staff'], claims }), nothing);
    assert.equal(await call('isExistingUser', { userName: 'no' }), true);
    assert.equal(await call('authenticate', { userName: 'no', credential: 'wrong' }), false);
    assert.deepEqual(await call('getRoleListOfUser', { userName: 'no' }), ['Internal/everyone', 'staff']);
    const held = (await call('getUserClaimValues', { userName: 'no' })) as { claimUri: string; value: string }[];
    assert.equal(held.find(({ claimUri }) => claimUri === claims[0]?.claimURI)?.value, 'Nő & <x>');
    await assert.rejects(
      call('addUser', { userName: 'no', credential: 'pw' }),
      (error: { root?: { Envelope?: { Body?: { Fault?: { faultstring?: string } } } } }) =>
        /30004/.test(error.root?.Envelope?.Body?.Fault?.faultstring ?? ''),
    );
    assert.equal(await call('deleteUser', { userName: 'no' }), nothing);
  });

test("node-soap's client works by SOAP 1.2", async () => {
  const { credential } = await newTenant(provost.url, { mode: 'persist' });
  const call = await nodeSoap('RemoteUserStoreManagerService', credential, true);
  assert.equal(await call('addUser', { userName: 'no', credential: 'pw' }), undefined);
  assert.equal(await call('authenticate', { userName: 'no', credential: 'pw' }), true);
});
