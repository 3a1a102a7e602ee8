import type { Format } from './format.ts';

/** What the reference page says of a variable; written once, beside its name. */
export interface Annotation<T> {
  readonly variable: string;
  readonly format: Format<T>;
  readonly description: string;
  /** What a number counts, where neither name nor format says it. */
  readonly unit?: string;
  /** As it would stand in an environment file. */
  readonly example: string;
  /** Never shown in an error or on a page. */
  readonly secret?: true;
}

export interface Setting<T> extends Annotation<T> {
  readonly presence: 'required' | 'optional' | 'defaulted';
  /** As text, parsed like a value from the environment. */
  readonly default?: string;
  /** What an absent variable means, given the settings that are there. Only of `optional` ones. */
  readonly absence?: string;
}

/** Settings that belong together: one section of the configuration and of its page. */
export interface SettingsGroup {
  readonly title: string;
  readonly settings: Readonly<Record<string, Setting<unknown>>>;
}

/** The values that a group of settings yields. */
export type ValuesOf<Group extends SettingsGroup> = {
  readonly [Name in keyof Group['settings']]: Group['settings'][Name] extends Setting<infer T> ? T : never;
};

/** The process doesn't start without it. */
export const required = <T>(annotation: Annotation<T>): Setting<T> => ({ ...annotation, presence: 'required' });

/** `undefined` where it isn't set; `absence` says what that means. */
export const optional = <T>(annotation: Annotation<T> & { readonly absence: string }): Setting<T | undefined> => ({
  ...annotation,
  presence: 'optional',
});

export const defaulted = <T>(annotation: Annotation<T> & { readonly default: string }): Setting<T> => ({
  ...annotation,
  presence: 'defaulted',
});
