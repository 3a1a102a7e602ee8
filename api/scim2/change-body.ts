import type { ChangeBody } from '../../domain/change.ts';
import { withActive } from '../../domain/scim/active.ts';
import type { Deviation } from '../../domain/scim/deviation.ts';
import { isRecord } from '../../domain/scim/json.ts';
import type { Mode } from '../../domain/scim/mode.ts';
import { parseResource } from '../../domain/scim/parse-resource.ts';
import { normalisePatch } from '../../domain/scim/patch/normalise-patch.ts';
import { GROUP_SCHEMA, type Resource } from '../../domain/scim/resource.ts';
import type { ResourceTypeDefinition } from '../../domain/scim/schema/definition.ts';

export interface ReadBody {
  readonly body: ChangeBody;
  readonly deviations: readonly Deviation[];
  /** The whole resource as the client sent it; absent for a PATCH. */
  readonly sent?: Resource;
}

/**
 * What a client asks for, out of the body of its request.
 *
 * @param hashPassword a password leaves the API hashed or not at all
 * @throws ProvostError as RFC 7644 §3.12 has it for what is malformed
 */
export async function readChangeBody(
  kind: 'create' | 'replace' | 'patch',
  input: unknown,
  type: ResourceTypeDefinition,
  mode: Mode,
  hashPassword: (password: string) => Promise<string>,
): Promise<ReadBody> {
  const hashed = async (password: string | undefined): Promise<{ passwordHash?: string }> =>
    password === undefined ? {} : { passwordHash: await hashPassword(password) };
  if (kind === 'patch') {
    const { operations, password, deviations } = normalisePatch(input, type, mode);
    return { body: { kind, operations, ...(await hashed(password)) }, deviations };
  }
  const { resource: parsed, password, deviations } = parseResource(input, type, { mode });
  const resource =
    kind === 'create' ? withActive(parsed, type) : emptiesMembers(input, type) ? { ...parsed, members: [] } : parsed;
  return { body: { kind, resource, ...(await hashed(password)) }, deviations, sent: resource };
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
