import { isProvostError } from '../../domain/errors.ts';
import { isArray, isObject, omit } from '../../domain/scim/json.ts';
import type { PatchOperation, ScimObject, ScimValue } from '../../domain/scim/resource.ts';
import type { CallTarget } from './call-target.ts';
import { patchBody } from './patch-body.ts';
import { accountPath, type Place, replaceAccount } from './write-account.ts';

export interface MemberChanges {
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

type MemberChange = { readonly op: 'add' | 'remove'; readonly id: string };

/**
 * PATCHes members in batches that the target takes. Where it refuses a batch because a part of it is so already — after
 * a batch whose answer was lost — its changes go one by one.
 */
export async function patchMembers(
  call: CallTarget,
  place: Place,
  groupId: string,
  changes: MemberChanges,
  mostPerRequest: number,
): Promise<void> {
  const pending: MemberChange[] = [
    ...changes.remove.map((id) => ({ op: 'remove', id }) as const),
    ...changes.add.map((id) => ({ op: 'add', id }) as const),
  ];
  const send = async (batch: readonly MemberChange[]): Promise<void> => {
    const { signal } = place;
    const carried = [groupId, ...batch.map(({ id }) => id)];
    const body = patchBody(toOperations(batch));
    await call({ method: 'PATCH', path: accountPath(place, groupId), body, carried, signal });
  };
  for (let from = 0; from < pending.length; from += mostPerRequest) {
    const batch = pending.slice(from, from + mostPerRequest);
    try {
      await send(batch);
    } catch (error) {
      const [only, ...others] = batch;
      if (only === undefined || !batch.some((change) => isSoAlready(error, change))) throw error;
      if (others.length > 0) for (const change of batch) await unlessSoAlready(send([change]), change);
    }
  }
}

/** A list of some hundred thousand members. */
const MOST_BYTES = 64 * 1_048_576;

/** @returns undefined where the target leaves them out, or tells more than can be read */
export async function readMembers(
  call: CallTarget,
  place: Place,
  groupId: string,
): Promise<readonly string[] | undefined> {
  const answer = await call({
    method: 'GET',
    path: accountPath(place, groupId),
    query: { attributes: 'members' },
    accept: ({ status }) => status === 404 || status === 410,
    carried: [groupId],
    maxAnswerBytes: MOST_BYTES,
    signal: place.signal,
  });
  if (answer.status >= 400 || !isObject(answer.body as ScimValue)) return undefined;
  const group = answer.body as ScimObject;
  return isArray(group['members'])
    ? membersOf(group)
        .map(memberId)
        .filter((id) => id !== '')
    : undefined;
}

/** The same for a target without PATCH. */
export async function replaceMembers(
  call: CallTarget,
  place: Place,
  groupId: string,
  { add, remove }: MemberChanges,
): Promise<void> {
  const removed = new Set(remove);
  await replaceAccount(call, place, groupId, (held): ScimObject => {
    const stay = membersOf(held).filter((member) => !removed.has(memberId(member)));
    const present = new Set(stay.map(memberId));
    const added = add.filter((id) => !present.has(id)).map((value) => ({ value }));
    return { ...held, members: [...stay, ...added] };
  });
}

/** Takes all members out of a group. One that has none is done. */
export async function emptyGroup(call: CallTarget, place: Place, groupId: string, patches: boolean): Promise<void> {
  if (!patches) {
    await replaceAccount(call, place, groupId, (held): ScimObject => omit(held, 'members'));
    return;
  }
  const body = patchBody([{ op: 'remove', path: 'members' }]);
  const { signal } = place;
  try {
    await call({ method: 'PATCH', path: accountPath(place, groupId), body, carried: [groupId], signal });
  } catch (error) {
    if (!findsNoMember(error)) throw error;
  }
}

function toOperations(batch: readonly MemberChange[]): PatchOperation[] {
  const added = batch.filter(({ op }) => op === 'add').map(({ id }) => ({ value: id }));
  const removed = batch.filter(({ op }) => op === 'remove');
  return [
    ...removed.map(({ id }) => ({ op: 'remove', path: `members[value eq ${JSON.stringify(id)}]` }) as const),
    ...(added.length === 0 ? [] : [{ op: 'add', path: 'members', value: added } as const]),
  ];
}

async function unlessSoAlready(sending: Promise<void>, change: MemberChange): Promise<void> {
  try {
    await sending;
  } catch (error) {
    if (!isSoAlready(error, change)) throw error;
  }
}

/** Removing who is no member finds no target in some eyes (RFC 7644 §3.5.2.2), adding who is one a conflict. */
function isSoAlready(error: unknown, { op }: MemberChange): boolean {
  if (op === 'add') return isProvostError(error, 'TARGET_CONFLICT');
  return findsNoMember(error);
}

const findsNoMember = (error: unknown): boolean =>
  isProvostError(error, 'TARGET_REJECTED') && error.facts.targetDetail?.startsWith('noTarget') === true;

const membersOf = (group: ScimObject): readonly ScimValue[] => {
  const members = group['members'];
  return isArray(members) ? members : [];
};

const memberId = (member: ScimValue): string => {
  const value = isObject(member) ? member['value'] : member;
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
};
