import { seeded } from '../end-to-end/processes.ts';
import { patchOf, replacing } from '../end-to-end/tenant.ts';

/** One thing that a client asks for about one person. `group` counts from 0. */
export type Operation =
  | { readonly kind: 'create'; readonly userName: string; readonly title: string }
  | { readonly kind: 'patch'; readonly path: 'title' | 'displayName' | 'nickName'; readonly value: string }
  | { readonly kind: 'disable' | 'enable' | 'delete' }
  | { readonly kind: 'join' | 'leave'; readonly group: number }
  /** To a name that may be {@link TAKEN}, and to another display name by the same request. */
  | { readonly kind: 'rename'; readonly userName: string; readonly displayName: string }
  /** A group to the name of the other, with this person as a member by the same request: always refused. */
  | { readonly kind: 'join-as-other'; readonly group: number }
  /** What waits for an approval. */
  | { readonly kind: 'promote'; readonly userType: string }
  /** The same, and a deactivation with it, which does not wait. */
  | { readonly kind: 'promote-and-disable'; readonly userType: string }
  | { readonly kind: 'bulk'; readonly nickName: string; readonly group: number };

export const TITLES = ['Staff', 'Guest', 'Chief'] as const;
export const GROUPS = 2;
/** Name of a user whom nobody touches. */
export const TAKEN = 'taken';

/**
 * What happens to one person, as it follows from the seed: whoever is not there is created, and everything else is asked
 * for somebody who is. So the same seed gives the same operations, whatever the targets and the processes do.
 */
export function* operationsOf(seed: number, person: number, count: number): Generator<Operation> {
  const random = seeded(seed * 1_000 + person);
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  let lives = 0;
  let isThere = false;
  for (let number = 0; number < count; number += 1) {
    if (!isThere) {
      isThere = true;
      lives += 1;
      yield { kind: 'create', userName: `person-${person}-${lives}`, title: pick(TITLES) };
      continue;
    }
    const fate = random();
    const extra = random();
    if (extra < 0.06)
      yield {
        kind: 'rename',
        userName: pick([TAKEN, `person-${person}-${lives}-${number}`]),
        displayName: `new ${number}`,
      };
    else if (extra < 0.12) yield { kind: 'join-as-other', group: Math.floor(random() * GROUPS) };
    else if (extra < 0.2) yield { kind: 'promote', userType: `type ${number}` };
    else if (extra < 0.23) yield { kind: 'promote-and-disable', userType: `type ${number}` };
    else if (extra < 0.3) yield { kind: 'bulk', nickName: `nick ${number}`, group: Math.floor(random() * GROUPS) };
    else if (fate < 0.25) yield { kind: 'patch', path: 'title', value: pick(TITLES) };
    else if (fate < 0.45) yield { kind: 'patch', path: pick(['displayName', 'nickName']), value: `name ${number}` };
    else if (fate < 0.55) yield { kind: 'disable' };
    else if (fate < 0.65) yield { kind: 'enable' };
    else if (fate < 0.8) yield { kind: 'join', group: Math.floor(random() * GROUPS) };
    else if (fate < 0.92) yield { kind: 'leave', group: Math.floor(random() * GROUPS) };
    else {
      isThere = false;
      yield { kind: 'delete' };
    }
  }
}

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body?: object;
}

/** The request that asks for it. */
export function requestFor(operation: Operation, user: string | undefined, groups: readonly string[]): Asked {
  switch (operation.kind) {
    case 'create': {
      const { userName, title } = operation;
      return { method: 'POST', path: '/Users', body: { userName, title, displayName: userName } };
    }
    case 'patch':
      return { method: 'PATCH', path: `/Users/${user}`, body: replacing(operation.path, operation.value) };
    case 'disable':
    case 'enable':
      return { method: 'PATCH', path: `/Users/${user}`, body: replacing('active', operation.kind === 'enable') };
    case 'delete':
      return { method: 'DELETE', path: `/Users/${user}` };
    case 'rename': {
      const { userName, displayName } = operation;
      const body = patchOf(
        { op: 'replace', path: 'displayName', value: displayName },
        { op: 'replace', path: 'userName', value: userName },
      );
      return { method: 'PATCH', path: `/Users/${user}`, body };
    }
    case 'join-as-other': {
      const other = groups[(operation.group + 1) % GROUPS];
      const body = patchOf(
        { op: 'add', path: 'members', value: [{ value: user }] },
        { op: 'replace', path: 'displayName', value: `Group ${other}` },
      );
      return { method: 'PATCH', path: `/Groups/${groups[operation.group]}?excludedAttributes=members`, body };
    }
    case 'promote':
      return { method: 'PATCH', path: `/Users/${user}`, body: replacing('userType', operation.userType) };
    case 'promote-and-disable': {
      const body = patchOf(
        { op: 'replace', path: 'userType', value: operation.userType },
        { op: 'replace', path: 'active', value: false },
      );
      return { method: 'PATCH', path: `/Users/${user}`, body };
    }
    case 'bulk': {
      const join = patchOf({ op: 'add', path: 'members', value: [{ value: user }] });
      const Operations = [
        { method: 'PATCH', path: `/Users/${user}`, data: replacing('nickName', operation.nickName) },
        { method: 'PATCH', path: `/Groups/${groups[operation.group]}`, data: join },
      ];
      const body = { schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], Operations };
      return { method: 'POST', path: '/Bulk', body };
    }
    case 'join':
    case 'leave': {
      const path = `/Groups/${groups[operation.group]}?excludedAttributes=members`;
      const member =
        operation.kind === 'join'
          ? { op: 'add', path: 'members', value: [{ value: user }] }
          : { op: 'remove', path: `members[value eq "${user}"]` };
      return { method: 'PATCH', path, body: patchOf(member) };
    }
  }
}

/** What a client may be answered, besides success. 202: it waits for an approval. */
export function mayAnswer(operation: Operation, status: number): boolean {
  const { kind } = operation;
  if (kind === 'rename') return status === (operation.userName === TAKEN ? 409 : 200);
  if (kind === 'join-as-other') return status === 409;
  if (kind === 'promote' || kind === 'promote-and-disable') return status === 200 || status === 202;
  return status < 300;
}
