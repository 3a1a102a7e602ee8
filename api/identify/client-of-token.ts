import type { TenantId } from '../../domain/ids.ts';
import { qualifiedName } from '../../domain/qualified-name.ts';
import type { Credential } from '../../stores/credentials.ts';
import type { FindCredential } from './credentials-cache.ts';
import type { TrustedIssuer } from './issuers.ts';
import type { Claims } from './verify-token.ts';

/**
 * The client that a verified token was issued to or names; undefined where there is none any more. A name alone proves
 * nothing: tokens of this API end with the binding of their credential, those of others count in the tenants of their
 * issuer only, and administer no platform.
 */
export async function clientOfToken(
  { issuer, clientId, tenant, binding }: Claims,
  findCredential: FindCredential,
): Promise<Credential | undefined> {
  const client = await findCredential(clientId);
  if (client?.kind !== 'client') return undefined;
  if (issuer.kind === 'own') return client.tenant === tenant && client.binding === binding ? client : undefined;
  const counts = tenantsFor(issuer, tenant).includes(client.tenant);
  return counts ? { ...client, roles: client.roles.filter((role) => role !== 'platform-admin') } : undefined;
}

/**
 * Id of the client that a token of another issuer names, by its id or by its name within a tenant. Where the token
 * does not say the tenant, exactly one of the issuer's tenants must have a client of that name: none can take over
 * another's by registering it too.
 */
export async function registeredClient(
  issuer: TrustedIssuer,
  { clientId, tenant }: Pick<Claims, 'clientId' | 'tenant'>,
  findCredential: FindCredential,
): Promise<string | undefined> {
  const tenants = tenantsFor(issuer, tenant);
  const names = [clientId, ...tenants.map((each) => qualifiedName(clientId, each))];
  const found = await Promise.all(names.map(findCredential));
  const clients = found.filter((client) => client?.kind === 'client' && tenants.includes(client.tenant));
  return clients.length === 1 ? clients[0]?.id : undefined;
}

const tenantsFor = ({ tenants }: TrustedIssuer, claimed: string | undefined): readonly TenantId[] =>
  claimed === undefined ? tenants : tenants.filter((tenant) => tenant === claimed);
