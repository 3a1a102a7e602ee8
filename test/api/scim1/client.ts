import { newTenant, type Send, sender, type TenantWish } from '../../end-to-end/tenant.ts';

export const CORE = 'urn:scim:schemas:core:1.0';
export const ENTERPRISE = 'urn:scim:schemas:extension:enterprise:1.0';
export const ENTERPRISE_2 = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

export interface Listed {
  readonly totalResults: number;
  readonly startIndex: number;
  readonly itemsPerPage: number;
  readonly Resources: readonly Readonly<Record<string, unknown>>[];
}

/** A tenant whose client speaks SCIM 1.1, JSON unless it says otherwise, beside 2.0. */
export async function newTenant1(url: string, wish: TenantWish = {}) {
  const tenant = await newTenant(url, wish);
  const { authorization } = tenant;
  const scim1: Send = sender(`${url}/scim/v1`, { authorization });
  const xml: Send = sender(`${url}/scim/v1`, {
    authorization,
    'content-type': 'application/xml',
    accept: 'application/xml',
  });
  return {
    ...tenant,
    scim1,
    xml,
    /** @returns the page that the filter selects, as JSON */
    async find(resources: 'Users' | 'Groups', query: Readonly<Record<string, string>>): Promise<Listed> {
      return (await scim1('GET', `/${resources}?${new URLSearchParams(query)}`)).body as unknown as Listed;
    },
  };
}

/** Description and code of the one error in an answer. */
export function errorOf({ body }: { readonly body: Readonly<Record<string, unknown>> }): {
  readonly description: string;
  readonly code: string;
} {
  const [error, ...others] = body['Errors'] as readonly { description: string; code: string }[];
  if (error === undefined || others.length > 0) throw new Error(`not one error: ${JSON.stringify(body)}`);
  return error;
}
