import { parseArgs } from 'node:util';

export const MEASURES = ['changes', 'history', 'reads', 'lists', 'groups'] as const;
export type Measure = (typeof MEASURES)[number];

export interface Options {
  readonly only: readonly Measure[];
  /** How many users each store holds that is read from, smallest first. */
  readonly users: readonly number[];
  /** Each comparison is made this often, both sides in turn; the median counts. */
  readonly rounds: number;
  /** Whether docs/performance.md gets the table. */
  readonly write: boolean;
  /** Folder that CPU profiles of API and worker are written to. */
  readonly profile: string | undefined;
}

export const USAGE = `npm run bench -- [--only changes,history,reads,lists,groups] [--users 10000,100000] [--rounds 5]
                 [--no-write] [--profile FOLDER]
The same by environment: BENCH_ONLY, BENCH_USERS, BENCH_ROUNDS.`;

/** @throws Error that says what is wrong */
export function optionsFrom(args: readonly string[], env: NodeJS.ProcessEnv): Options {
  const { values } = parseArgs({
    args: [...args],
    allowNegative: true,
    options: {
      only: { type: 'string', default: env['BENCH_ONLY'] || MEASURES.join(',') },
      users: { type: 'string', default: env['BENCH_USERS'] || '10000,100000' },
      rounds: { type: 'string', default: env['BENCH_ROUNDS'] || '5' },
      write: { type: 'boolean', default: true },
      profile: { type: 'string' },
    },
  });
  const only = values.only.split(',').map(measureNamed);
  return {
    only,
    users: values.users
      .split(',')
      .map(positive)
      .sort((left, right) => left - right),
    rounds: positive(values.rounds),
    // A table with holes would replace a whole one.
    write: values.write && MEASURES.every((measure) => only.includes(measure)),
    profile: values.profile,
  };
}

function measureNamed(text: string): Measure {
  const found = MEASURES.find((measure) => measure === text.trim());
  if (found === undefined) throw new Error(`There is no measure ${text}.\n${USAGE}`);
  return found;
}

function positive(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new Error(`${text} is no positive whole number.\n${USAGE}`);
}
