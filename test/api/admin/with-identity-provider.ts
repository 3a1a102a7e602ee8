import assert from 'node:assert/strict';
import { asTargetId, type TenantId } from '../../../domain/ids.ts';
import { findTarget, type Target } from '../../../domain/policy.ts';
import { type Admin, textAt } from './fixture.ts';

export const SECRET = 'a-very-secret-token';
export const SETTINGS = { url: 'https://target.example/scim/v2', token: SECRET };

/** An identity provider of a new tenant. */
export async function withIdentityProvider(api: Admin) {
  const { tenant, base, admin } = await api.tenantWithAdmin();
  const provider = textAt(await admin('POST', `${base}/identity-providers`, { name: 'Okta' }), 'id');
  return { tenant, base, admin, provider, targets: `${base}/identity-providers/${provider}/targets` };
}

export const scim2 = (settings: object = SETTINGS): object => ({ name: 'Okta users', connector: 'scim2', settings });

export async function storedTarget({ policies }: Admin, tenant: TenantId, id: string): Promise<Target> {
  const target = findTarget(await policies.current(tenant), asTargetId(id));
  assert.ok(target);
  return target;
}
