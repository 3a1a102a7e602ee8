import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { basicAuthorization, sender, type TestTenant } from '../end-to-end/tenant.ts';

/** Puts a rule in force about the attribute `userType`, and has somebody decide all that waits as long as `running` lasts. */
export async function startApprover(url: string, tenant: TestTenant, running: AbortSignal): Promise<void> {
  const credential = await tenant.admin('POST', '/service-providers/resident/credentials', {
    kind: 'basic',
    scopes: ['scim:read'],
  });
  assert.equal(credential.status, 201, credential.text);
  const { id, secret } = credential.body;
  const stages = [{ approvers: [{ kind: 'credential', id }] }];
  const rule = { name: 'types', attributes: ['userType'], operations: ['patch'], stages };
  const ruled = await tenant.admin('PUT', '/approval-rules', { items: [rule] });
  assert.equal(ruled.status, 200, ruled.text);
  const admin = sender(`${url}/admin/v1`, { authorization: basicAuthorization(String(id), String(secret)) });

  async function decideAll(): Promise<void> {
    while (!running.aborted) {
      // The API may be away just now.
      const waiting = await admin('GET', '/approvals').catch(() => undefined);
      for (const { id: approval } of (waiting?.body['items'] ?? []) as { id: string }[]) {
        const verdict = Number.parseInt(approval.slice(-1), 16) % 3 === 0 ? 'refuse' : 'approve';
        await admin('POST', `/approvals/${approval}/decision`, { verdict }).catch(() => undefined);
      }
      await pause(200);
    }
  }
  void decideAll();
}
