import { allSettings, groups } from './config/groups.ts';
import type { Setting, SettingsGroup, ValuesOf } from './config/setting.ts';

type Environment = Readonly<Record<string, string | undefined>>;
type Groups = typeof groups;
type Values = { readonly [Name in keyof Groups]: ValuesOf<Groups[Name]> };

/** The whole configuration, by section. Names end in the unit that the type doesn't carry. Holds secrets: don't log it. */
export type Config = Omit<Values, 'api'> & { readonly api: Values['api'] & { readonly publicUrl: string } };

export interface ConfigurationProblem {
  readonly variable: string;
  readonly problem: string;
}

/** Everything that is wrong with the environment, by variable. Holds none of the values. */
export class ConfigurationError extends Error {
  readonly problems: readonly ConfigurationProblem[];

  constructor(problems: readonly ConfigurationProblem[]) {
    const lines = problems.map(({ variable, problem }) => `  ${variable} ${problem}`);
    super(`The configuration has ${problems.length} problem(s):\n${lines.join('\n')}`);
    this.name = 'ConfigurationError';
    this.problems = problems;
  }
}

/**
 * Reads the environment into the frozen configuration. A variable that is empty counts as not set.
 *
 * @throws ConfigurationError with every problem at once
 */
export function loadConfig(environment: Environment): Config {
  const problems: ConfigurationProblem[] = [];
  const values = Object.fromEntries(
    Object.entries<SettingsGroup>(groups).map(([name, { settings }]) => [
      name,
      Object.fromEntries(Object.entries(settings).map(([key, setting]) => [key, read(setting, environment, problems)])),
    ]),
  ) as Values; // each value was parsed by the schema that its type comes from
  problems.push(...contradictions(values, environment));
  if (problems.length > 0) throw new ConfigurationError(problems);

  const { host, port, publicUrl = `http://${host.includes(':') ? `[${host}]` : host}:${port}` } = values.api;
  const sections = { ...values, api: { ...values.api, publicUrl } };
  for (const section of Object.values(sections)) {
    for (const value of Object.values(section)) if (Array.isArray(value)) Object.freeze(value);
    Object.freeze(section);
  }
  return Object.freeze(sections);
}

/** Variables that begin like ours and mean nothing: most likely misspelt, so worth a warning at start. */
export function unknownVariables(environment: Environment, knownElsewhere: readonly string[] = []): string[] {
  const known = new Set([...allSettings.map(({ variable }) => variable), ...knownElsewhere]);
  return Object.keys(environment).filter((name) => name.startsWith('PROVOST_') && !known.has(name));
}

function read(setting: Setting<unknown>, environment: Environment, problems: ConfigurationProblem[]): unknown {
  const { variable, presence, format } = setting;
  const text = environment[variable] || setting.default;
  if (text === undefined) {
    if (presence === 'required') problems.push({ variable, problem: `is not set; it must be ${format.words}` });
    return undefined;
  }
  const parsed = format.schema.safeParse(text);
  for (const { message } of parsed.error?.issues ?? []) problems.push({ variable, problem: message });
  return parsed.data;
}

/** What no variable says alone. */
function contradictions({ temporal, worker }: Values, environment: Environment): ConfigurationProblem[] {
  const found: ConfigurationProblem[] = [];
  if ((temporal.tlsClientCertPath === undefined) !== (temporal.tlsClientKeyPath === undefined)) {
    const [missing, given] = temporal.tlsClientCertPath === undefined ? ['CERT', 'KEY'] : ['KEY', 'CERT'];
    found.push({
      variable: `TEMPORAL_TLS_CLIENT_${missing}_PATH`,
      problem: `must be set where TEMPORAL_TLS_CLIENT_${given}_PATH is`,
    });
  }
  if (worker.versioned && !environment['PROVOST_WORKER_BUILD_ID']) {
    found.push({ variable: 'PROVOST_WORKER_BUILD_ID', problem: 'must be set where PROVOST_WORKER_VERSIONING is on' });
  }
  return found;
}
