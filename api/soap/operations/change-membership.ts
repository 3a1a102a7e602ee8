import type { ResourceId } from '../../../domain/ids.ts';
import type { PatchOperation } from '../../../domain/scim/resource.ts';
import type { Call } from '../call.ts';
import { type NamedChange, submitChange } from '../submit-change.ts';

export interface MembershipChange {
  readonly add?: readonly ResourceId[];
  readonly remove?: readonly ResourceId[];
  /** Which of several things that one call does to the same role. */
  readonly part?: string;
}

/** A change to the members of one group: one PATCH, whoever comes and goes. */
export const membership = (
  call: Call,
  role: { readonly id: ResourceId; readonly role: string },
  { add = [], remove = [], part }: MembershipChange,
  what: string,
): NamedChange => ({
  what,
  submit: () =>
    submitChange(call, {
      resourceType: 'Group',
      resourceId: role.id,
      body: { kind: 'patch', operations: [...removals(remove), ...additions(add)] },
      part: part === undefined ? `members of ${role.id}` : `${part}, members of ${role.id}`,
    }),
});

const removals = (members: readonly ResourceId[]): readonly PatchOperation[] =>
  members.map((id) => ({ op: 'remove', path: `members[value eq ${JSON.stringify(id)}]` }));

const additions = (members: readonly ResourceId[]): readonly PatchOperation[] =>
  members.length === 0
    ? []
    : [{ op: 'add', path: 'members', value: members.map((id) => ({ value: id, type: 'User' })) }];
