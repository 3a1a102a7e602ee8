import { seeded } from '../end-to-end/processes.ts';
import { patchOf, replacing } from '../end-to-end/tenant.ts';

/** One thing that a client asks for about one person. `group` counts from 0. */
export type Operation =
  | { readonly kind: 'create'; readonly userName: string; readonly title: string }
  | { readonly kind: 'patch'; readonly path: 'title' | 'displayName' | 'nickName'; readonly value: string }
  | { readonly kind: 'disable' | 'enable' | 'delete' }
  | { readonly kind: 'join' | 'leave'; readonly group: number };

export const TITLES = ['Staff', 'Guest', 'Chief'] as const;
export const GROUPS = 2;

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
    if (fate < 0.25) yield { kind: 'patch', path: 'title', value: pick(TITLES) };
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
