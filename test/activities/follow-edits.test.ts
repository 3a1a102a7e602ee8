import assert from 'node:assert/strict';
import { test } from 'node:test';
import { followEdits } from '../../activities/follow-edits.ts';
import type { ReprojectionRequest } from '../../activities/request-reprojection.ts';
import {
  asChangeId,
  asIdentityProviderId,
  asResourceId,
  asServiceProviderId,
  asTargetId,
  asTenantId,
} from '../../domain/ids.ts';
import { DEFAULT_RETRY, type Policy } from '../../domain/policy.ts';
import type { ChangeRecord } from '../../stores/changes.ts';

const tenant = asTenantId('acme');

const at = (version: number): Policy => ({
  tenant,
  version,
  serviceProviders: [
    {
      id: asServiceProviderId('resident'),
      name: 'Resident',
      resident: true,
      mode: 'persist-and-provision',
      userStore: 'PRIMARY',
      conformance: 'tolerant',
    },
  ],
  identityProviders: [
    {
      id: asIdentityProviderId('one'),
      name: 'One',
      targets: ['edited', 'left'].map((id) => ({
        id: asTargetId(id),
        name: id,
        connector: 'scim2',
        enabled: true,
        blocking: false,
        onFailure: 'park' as const,
        deprovision: 'disable' as const,
        resourceTypes: ['User'],
        matchBy: 'userName',
        mapping: {
          kind: 'rules' as const,
          rules: [{ target: 'title', constant: id === 'edited' ? `v${version}` : '' }],
        },
        retry: DEFAULT_RETRY,
        concurrency: 1,
        settings: {},
        sealedSecrets: {},
      })),
    },
  ],
});

async function asked(decidedOn: number, newest: number, confirmed: number | undefined): Promise<ReprojectionRequest[]> {
  const requests: ReprojectionRequest[] = [];
  const change = {
    id: asChangeId('c'),
    tenant,
    resourceType: 'User',
    resourceId: asResourceId('u'),
    operation: 'patch',
    policyVersion: decidedOn,
  } as ChangeRecord;
  await followEdits(change, {
    policies: { at: async (_tenant, version) => at(version), current: async () => at(newest) },
    jobs: {
      newestEditSince: async (_tenant, version) =>
        confirmed !== undefined && confirmed > version ? confirmed : undefined,
    },
    requestReprojection: async (request) => void requests.push(request),
  });
  return requests;
}

test('a change that ends after a confirmed edit has its resource brought to the targets that were edited', async () => {
  const [request] = await asked(3, 5, 5);
  assert.deepEqual([request?.resourceId, request?.targets, request?.cause], ['u', ['edited'], 'c']);
});

test('nothing is asked for where no edit was confirmed since', async () => {
  assert.deepEqual(await asked(5, 5, 5), []);
  assert.deepEqual(await asked(3, 5, undefined), []);
  assert.deepEqual(await asked(4, 5, 4), []);
});
