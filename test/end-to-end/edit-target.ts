import assert from 'node:assert/strict';
import type { TestTenant } from './tenant.ts';

/** What a PUT of a target takes: its settings as they stand, with these in their place. `undefined` removes one. */
export async function targetEdit(
  { admin, identityProvider }: Pick<TestTenant, 'admin' | 'identityProvider'>,
  target: string,
  own: Readonly<Record<string, unknown>>,
): Promise<Record<string, unknown>> {
  const { status, text, body } = await admin('GET', `/identity-providers/${identityProvider}/targets/${target}`);
  assert.equal(status, 200, text);
  const { id: _id, ...settings } = body;
  return { ...settings, ...own };
}

/** Edits a target as an administrator would, without touching what stands. */
export async function editTarget(
  tenant: Pick<TestTenant, 'admin' | 'identityProvider'>,
  target: string,
  own: Readonly<Record<string, unknown>>,
): Promise<void> {
  const path = `/identity-providers/${tenant.identityProvider}/targets/${target}`;
  const answer = await tenant.admin('PUT', path, await targetEdit(tenant, target, own));
  assert.equal(answer.status, 200, answer.text);
}
