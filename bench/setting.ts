import type { Options } from './options.ts';

/** What every measure is given: servers that run, and how much is asked for. */
export interface Setting extends Options {
  readonly temporalAddress: string;
  readonly mongodbUri: string;
  readonly dataDir: string;
  say(message: string): void;
}
