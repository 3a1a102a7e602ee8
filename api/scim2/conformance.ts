import { findServiceProvider } from '../../domain/policy.ts';
import type { Mode } from '../../domain/scim/mode.ts';
import type { Principal } from '../identify/principal.ts';
import type { Scim2Dependencies } from './context.ts';

/** How far a client may stray from the RFCs is a setting of its service provider. */
export async function conformanceOf(
  { tenant, serviceProvider }: Principal,
  { policies }: Pick<Scim2Dependencies, 'policies'>,
): Promise<Mode> {
  return findServiceProvider(await policies.current(tenant), serviceProvider).conformance;
}
