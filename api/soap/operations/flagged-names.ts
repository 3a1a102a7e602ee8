import { PRIMARY_STORE } from '../../../domain/policy.ts';
import { foldCase } from '../../../domain/scim/fold-case.ts';
import type { SoapValue } from '../contract/schema-types.ts';
import { FLAGGED_NAME } from '../contract/wso2-types.ts';
import { matchesPattern } from '../find/wildcards.ts';
import { MOST_USERS } from './users.ts';

/** Type of what follows. */
export const flagged = { type: FLAGGED_NAME, repeated: true } as const;

export interface Names {
  readonly names: readonly string[];
  readonly hasMore: boolean;
}

export const atMost = (names: readonly string[], most: number): Names => ({
  names: names.slice(0, most),
  hasMore: names.length > most,
});

/** Names as WSO2's console lists them, with the row behind them that says whether there are more. */
export function flaggedNames({ names, hasMore }: Names, selected: (name: string) => boolean = nobody): SoapValue {
  const shown = names.map((name) => ({
    domainName: domainOf(name),
    editable: true,
    itemName: name,
    readOnly: false,
    roleType: name.startsWith('Internal/') ? 'Internal' : undefined,
    selected: selected(name),
    shared: false,
  }));
  const tail = { domainName: '', editable: false, itemName: String(hasMore), readOnly: false };
  return shown.length === 0 ? [] : [...shown, { ...tail, selected: false, shared: false }];
}

const domainOf = (name: string): string => (name.includes('/') ? name.slice(0, name.indexOf('/')) : PRIMARY_STORE);
const nobody = (): boolean => false;

export const limited = (limit: number | undefined, most: number): number =>
  limit === undefined || limit < 0 ? most : Math.min(limit, most);

/** Names that fit the pattern, each marked where it is among the chosen ones; with a limit of 0 the chosen ones only. */
export async function marked(
  chosen: readonly string[],
  pattern: string,
  limit: number | undefined,
  everything: (most: number) => Promise<Names>,
): Promise<SoapValue> {
  const folded = new Set(chosen.map(foldCase));
  const isChosen = (name: string): boolean => folded.has(foldCase(name));
  const wanted = pattern === '' ? '*' : pattern;
  if (limit === 0) {
    const fitting = chosen.filter((name) => matchesPattern(name, wanted));
    return flaggedNames({ names: fitting, hasMore: false }, isChosen);
  }
  return flaggedNames(await everything(limited(limit, MOST_USERS - 1)), isChosen);
}
