import type { ChangeBody } from '../../domain/change.ts';
import { withActive } from '../../domain/scim/active.ts';
import { bodyWithoutStore } from '../../domain/scim/body-without-store.ts';
import { type Deviation, Deviations } from '../../domain/scim/deviation.ts';
import { isRecord } from '../../domain/scim/json.ts';
import type { Mode } from '../../domain/scim/mode.ts';
import { parseResource } from '../../domain/scim/parse-resource.ts';
import { normalisePatch } from '../../domain/scim/patch/normalise-patch.ts';
import type { ReadOnlyClaim } from '../../domain/scim/patch/read-only-claims.ts';
import type { PatchDialect } from '../../domain/scim/patch/read-operations.ts';
import { GROUP_SCHEMA, type Resource } from '../../domain/scim/resource.ts';
import type { ResourceTypeDefinition } from '../../domain/scim/schema/definition.ts';

export interface ReadBody {
  readonly body: ChangeBody;
  readonly deviations: readonly Deviation[];
  /** What a PATCH says of read-only attributes, and has to be so. */
  readonly claims: readonly ReadOnlyClaim[];
  /** The whole resource as the client sent it; absent for a PATCH. */
  readonly sent?: Resource;
}

/**
 * What a client asks for, out of the body of its request.
 *
 * @param dialect whose words a PATCH is refused in
 * @param hashPassword a password leaves the API hashed or not at all
 * @throws ProvostError as RFC 7644 §3.12 has it for what is malformed
 */
export async function readChangeBody(
  kind: 'create' | 'replace' | 'patch',
  input: unknown,
  type: ResourceTypeDefinition,
  mode: Mode,
  hashPassword: (password: string) => Promise<string>,
  dialect: PatchDialect = 'scim2',
): Promise<ReadBody> {
  const own = new Deviations(mode);
  const hashed = async (password: string | undefined): Promise<{ passwordHash?: string }> =>
    password === undefined ? {} : { passwordHash: await hashPassword(password) };
  if (kind === 'patch') {
    const { operations, password, deviations, claims } = normalisePatch(input, type, mode, dialect);
    const body = bodyWithoutStore({ kind, operations }, type, own);
    return { body: { ...body, ...(await hashed(password)) }, deviations: [...deviations, ...own.list], claims };
  }
  const { resource: parsed, password, deviations } = parseResource(input, type, { mode });
  const whole =
    kind === 'create' ? withActive(parsed, type) : emptiesMembers(input, type) ? { ...parsed, members: [] } : parsed;
  const body = bodyWithoutStore({ kind, resource: whole }, type, own);
  return {
    body: { ...body, ...(await hashed(password)) },
    deviations: [...deviations, ...own.list],
    claims: [],
    sent: body.resource,
  };
}

/**
 * Whether a PUT says that a group has no members. An empty array is no value (RFC 7643 §2.5) and is left out like one, but
 * members that are not named stay, because reads leave out those of a large group: an array that is there and empty is
 * what tells the two apart.
 */
function emptiesMembers(input: unknown, type: ResourceTypeDefinition): boolean {
  if (type.schema.id !== GROUP_SCHEMA || !isRecord(input)) return false;
  const name = Object.keys(input).find((key) => key.toLowerCase() === 'members');
  const members = name === undefined ? undefined : input[name];
  return Array.isArray(members) && members.length === 0;
}
