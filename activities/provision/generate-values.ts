import type { AccountType, Connector } from '../../connectors/connector.ts';
import { ProvostError } from '../../domain/errors.ts';
import { withValueAt } from '../../domain/mapping/paths.ts';
import type { Projection } from '../../domain/mapping/project.ts';
import type { ScimObject } from '../../domain/scim/resource.ts';

/** Values that are tried for one attribute before somebody has to look at it. */
const MOST_TRIED = 100;

type Generated = Projection['generated'][number];

export interface Chooser {
  /**
   * A copy of the account with a value for each attribute that has none yet, which nobody at the target has.
   *
   * @throws ProvostError `TARGET_CONFLICT` where so many are taken that the rule cannot be meant so
   */
  choose(account: ScimObject): Promise<ScimObject>;
  /** What was chosen turned out to be taken. @returns whether there is anything else to try */
  reject(): boolean;
}

/** Chooses values that an account's mapping wants to be unique at the target. */
export function createChooser(
  generated: readonly Generated[],
  {
    connector,
    type,
    signal,
  }: { readonly connector: Connector; readonly type: AccountType; readonly signal: AbortSignal },
): Chooser {
  const tried = new Map<string, number>();

  async function free({ target, candidates }: Generated): Promise<string> {
    for (let index = tried.get(target) ?? 0; index < MOST_TRIED; index += 1) {
      const value = candidateAt(candidates, index);
      tried.set(target, index);
      if ((await connector.find(type, { attribute: target, value }, signal)).length === 0) return value;
    }
    throw new ProvostError(
      'TARGET_CONFLICT',
      `The first ${MOST_TRIED} values that the mapping gives for ${target} are all taken.`,
    );
  }

  return {
    async choose(account) {
      let chosen = account;
      for (const wanted of generated) chosen = withValueAt(chosen, wanted.target, await free(wanted));
      return chosen;
    },
    reject() {
      for (const { target } of generated) tried.set(target, (tried.get(target) ?? 0) + 1);
      return generated.length > 0 && generated.every(({ target }) => (tried.get(target) ?? 0) < MOST_TRIED);
    },
  };
}

/** The candidates in their order, then the last one followed by 2, 3, …. */
const candidateAt = (candidates: readonly string[], index: number): string =>
  candidates[index] ?? `${candidates.at(-1) ?? ''}${index - candidates.length + 2}`;
