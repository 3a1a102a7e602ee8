import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

export interface Service {
  readonly image: string;
  readonly build?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly networks?: readonly string[];
  readonly restart?: string;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly read_only?: boolean;
  readonly privileged?: boolean;
  readonly cap_drop?: readonly string[];
  readonly cap_add?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly stop_grace_period?: string;
  readonly deploy?: { readonly resources?: { readonly limits?: { readonly memory?: string } } };
}

export interface ComposeFile {
  readonly name: string;
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean } | null>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

export const readTop = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** docker-compose.yml with its anchors merged in; variables stay as they are written. */
export const composeFile = parse(readTop('docker-compose.yml'), { merge: true }) as ComposeFile;

/** Names in `${NAME…}`, with whether each has to be given. */
export const variablesOf = (text: string): { readonly name: string; readonly isRequired: boolean }[] =>
  [...text.matchAll(/\$\{(\w+)(:\?)?/g)].map(([, name = '', required]) => ({
    name,
    isRequired: required !== undefined,
  }));
