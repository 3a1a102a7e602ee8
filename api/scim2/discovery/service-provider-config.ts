import type { ScimObject } from '../../../domain/scim/resource.ts';
import type { Scim2Dependencies } from '../context.ts';
import { CURSOR_LIFETIME_SECONDS } from '../cursor.ts';
import { DEFAULT_PAGE, MAX_PAGE } from '../page-size.ts';

export const SERVICE_PROVIDER_CONFIG_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig';

/** draft-ietf-scim-roles-entitlements-01. */
const rolesAndEntitlements: ScimObject = {
  roles: { supported: true, multipleRolesSupported: true, primarySupported: true, typeSupported: true },
  entitlements: { supported: true, multipleEntitlementsSupported: true, primarySupported: true, typeSupported: true },
};

/**
 * What is served here (RFC 7643 §5, RFC 9865 §4): true to the routes that are mounted.
 *
 * @param drafts what only clients are told whom it concerns. `isStrict`: one that is taken by the letter, which is what
 * draft-zollner's interoperability profile asks for. `hasAssigned`: one of a tenant that has roles or entitlements
 */
export function serviceProviderConfig(
  baseUrl: string,
  dependencies: Pick<Scim2Dependencies, 'features' | 'sealer' | 'cursorLifetimeSeconds'>,
  drafts: { readonly isStrict: boolean; readonly hasAssigned: boolean },
): ScimObject {
  const { features, sealer, cursorLifetimeSeconds } = dependencies;
  const bulk = features?.bulk;
  return {
    schemas: [SERVICE_PROVIDER_CONFIG_SCHEMA],
    patch: { supported: true },
    bulk: {
      supported: bulk !== undefined,
      maxOperations: bulk?.maxOperations ?? 0,
      maxPayloadSize: bulk?.maxPayloadSize ?? 0,
    },
    filter: { supported: true, maxResults: MAX_PAGE },
    changePassword: { supported: true },
    sort: { supported: true },
    etag: { supported: true },
    pagination: {
      cursor: sealer !== undefined,
      index: true,
      defaultPaginationMethod: 'index',
      defaultPageSize: DEFAULT_PAGE,
      maxPageSize: MAX_PAGE,
      ...(sealer === undefined ? {} : { cursorTimeout: cursorLifetimeSeconds ?? CURSOR_LIFETIME_SECONDS }),
    },
    ...(drafts.hasAssigned ? { RolesAndEntitlements: rolesAndEntitlements } : {}),
    ...(drafts.isStrict ? { interopProfileConformant: true } : {}),
    authenticationSchemes: [
      {
        type: 'oauthbearertoken',
        name: 'OAuth 2.0 bearer token',
        description: 'An access token from the token endpoint, by the client credentials grant.',
        specUri: 'https://www.rfc-editor.org/info/rfc6750',
        primary: true,
      },
      {
        type: 'httpbasic',
        name: 'HTTP Basic',
        description: 'Name and secret of a credential, in each request.',
        specUri: 'https://www.rfc-editor.org/info/rfc7617',
      },
    ],
    meta: { resourceType: 'ServiceProviderConfig', location: `${baseUrl}/ServiceProviderConfig` },
  };
}
