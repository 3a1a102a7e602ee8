import { withoutAccount } from '../account.ts';
import type { ResourceId } from '../ids.ts';
import { asResourceId } from '../ids.ts';
import { ENTERPRISE_USER_SCHEMA, type ScimObject, type ScimValue } from '../scim/resource.ts';
import { withBudget } from '../scope/expression-budget.ts';
import type { ExpressionFacts } from '../scope/expression-facts.ts';
import { compiledValue } from './compile-value.ts';
import { type Mapping, type MappingRule, rulesFor } from './mapping.ts';
import { valuesAt, wholeAt, withoutValueAt, withValueAt } from './paths.ts';
import { nameByPattern } from './pattern.ts';

/** What a projection is made from: the resource, its surroundings, and where other resources' accounts are. */
export interface ProjectionFacts extends ExpressionFacts {
  readonly resourceType: string;
  readonly tenant: string;
  /** Name of the identity provider that the target is on. */
  readonly identityProvider: string;
  /** Ids at the target of the accounts of {@link referencesIn}; undefined: references stay as they are here. */
  readonly accounts?: ReadonlyMap<ResourceId, string>;
}

/** How one rule came out; for whoever looks at a mapping. */
export interface RuleOutcome {
  readonly target: string;
  readonly outcome: 'value' | 'default' | 'empty' | 'kept' | 'awaited' | 'generated' | 'failed';
  readonly value?: ScimValue;
  /** In words, where it is not plain. */
  readonly note?: string;
}

/** The projection: what a target should hold for a resource as it is now (design.md). */
export interface Projection {
  /** What is kept true. */
  readonly account: ScimObject;
  /** What an account gets when it is made, and is never looked at again. */
  readonly initial: ScimObject;
  /** Paths at the target that stay as they are there. */
  readonly kept: readonly string[];
  /** Resources without an account yet that an attribute refers to. */
  readonly awaited: readonly ResourceId[];
  /** Values to be chosen when the account is made, the best first. */
  readonly generated: readonly { readonly target: string; readonly candidates: readonly string[] }[];
  readonly outcomes: readonly RuleOutcome[];
  /** Whether the resource itself is active, whatever the mapping makes of it. */
  readonly active: boolean;
}

const MANAGER = `${ENTERPRISE_USER_SCHEMA}:manager`;

/** Other resources that a projection refers to. */
export function referencesIn(mapping: Mapping, { resource, resourceType }: ProjectionFacts): ResourceId[] {
  const paths = rulesFor(mapping, resourceType).flatMap((rule) => ('reference' in rule ? [rule.reference] : []));
  if (mapping.kind === 'like-for-like') paths.push(`${MANAGER}.value`);
  const found = paths.flatMap((path) => valuesAt(resource, path)).filter((value) => typeof value === 'string');
  return [...new Set(found)].map(asResourceId);
}

/** Computed attributes and credentials are never part of it. `externalId` is our id unless a rule says otherwise. */
export const project = (mapping: Mapping, facts: ProjectionFacts): Projection =>
  // All expressions of the mapping share one budget.
  withBudget(() => projected(mapping, facts));

function projected(mapping: Mapping, facts: ProjectionFacts): Projection {
  const rules = rulesFor(mapping, facts.resourceType);
  const made = rules.map((rule) => ({ rule, ...apply(rule, facts) }));
  const base = mapping.kind === 'like-for-like' ? likeForLike(mapping, facts) : { account: {}, awaited: [] };
  let account = rules.reduce((rest, { target }) => withoutValueAt(rest, target), base.account);
  let initial: ScimObject = {};
  for (const { rule, value } of made) {
    if (value === undefined) continue;
    if (rule.apply === 'create-only') initial = withValueAt(initial, rule.target, value);
    else account = withValueAt(account, rule.target, value);
  }
  return {
    account,
    initial,
    kept: made.filter(({ outcome }) => outcome.outcome === 'kept').map(({ rule }) => rule.target),
    awaited: [...base.awaited, ...made.flatMap(({ awaited = [] }) => awaited)],
    generated: made.flatMap(({ rule, candidates }) =>
      candidates === undefined ? [] : [{ target: rule.target, candidates }],
    ),
    outcomes: made.map(({ outcome }) => outcome),
    active: facts.resource['active'] !== false,
  };
}

function likeForLike(
  { exclude = [] }: Extract<Mapping, { kind: 'like-for-like' }>,
  { resource, id, accounts, resourceType }: ProjectionFacts,
): { readonly account: ScimObject; readonly awaited: readonly ResourceId[] } {
  const { externalId: _theirs, members: _edges, ...attributes } = withoutAccount(resource);
  // Strict targets refuse what their schema of groups does not have.
  const all: ScimObject = { ...(resourceType === 'User' ? { active: true } : {}), ...attributes, externalId: id };
  const account = exclude.reduce<ScimObject>((rest, path) => withoutValueAt(rest, path), all);
  const [manager] = valuesAt(account, `${MANAGER}.value`);
  if (accounts === undefined || typeof manager !== 'string') return { account, awaited: [] };
  const theirs = accounts.get(asResourceId(manager));
  if (theirs !== undefined) return { account: withValueAt(account, MANAGER, { value: theirs }), awaited: [] };
  return { account: withoutValueAt(account, MANAGER), awaited: [asResourceId(manager)] };
}

interface Applied {
  readonly value?: ScimValue;
  readonly awaited?: readonly ResourceId[];
  readonly candidates?: readonly string[];
  readonly outcome: RuleOutcome;
}

function apply(rule: MappingRule, facts: ProjectionFacts): Applied {
  const { target } = rule;
  try {
    const found = sourceValue(rule, facts);
    if (found.candidates !== undefined || found.awaited !== undefined) return found;
    if (found.value !== undefined)
      return { value: found.value, outcome: { target, outcome: 'value', value: found.value } };
    if ('default' in rule && rule.default !== undefined && rule.default !== null)
      return { value: rule.default, outcome: { target, outcome: 'default', value: rule.default } };
    if (rule.whenEmpty === 'keep')
      return { outcome: { target, outcome: 'kept', note: 'It has no value here, and stays as it is there.' } };
    return { outcome: { target, outcome: 'empty', note: 'It has no value.' } };
  } catch (error) {
    const note = error instanceof Error ? error.message : String(error);
    return { outcome: { target, outcome: 'failed', note } };
  }
}

function sourceValue(
  rule: MappingRule,
  facts: ProjectionFacts,
): Omit<Applied, 'outcome'> & { readonly outcome: RuleOutcome } {
  const { target } = rule;
  const plain = (value: ScimValue | undefined): Applied => ({
    ...(value === undefined || value === null ? {} : { value }),
    outcome: { target, outcome: 'value' },
  });
  if ('constant' in rule) return plain(rule.constant);
  if ('expression' in rule) return plain(compiledValue(rule.expression).valueFor(facts));
  if ('reference' in rule) return referred(rule, facts);
  if ('unique' in rule) {
    const candidates = rule.unique
      .map((text) => compiledValue(text).valueFor(facts))
      .filter((value) => typeof value === 'string' || typeof value === 'number')
      .map(String);
    if (candidates.length === 0) return plain(undefined);
    return {
      candidates,
      outcome: { target, outcome: 'generated', note: `Chosen when the account is made: ${candidates.join(', ')}, …` },
    };
  }
  if ('pattern' in rule) {
    const [userName] = valuesAt(facts.resource, 'userName');
    if (typeof userName !== 'string') return plain(undefined);
    return plain(nameByPattern(rule, { ...facts, userName }));
  }
  return plain(taken(rule, facts));
}

function taken(
  { source, take, join }: Extract<MappingRule, { readonly source: string }>,
  { resource, id }: ProjectionFacts,
): ScimValue | undefined {
  if (join === undefined && take !== 'all') return wholeAt(resource, source, id);
  const values = valuesAt(resource, source, id);
  if (values.length === 0) return undefined;
  return join === undefined ? values : values.map(String).join(join);
}

function referred(
  { target, reference }: Extract<MappingRule, { readonly reference: string }>,
  facts: ProjectionFacts,
): Applied {
  const [id] = valuesAt(facts.resource, reference);
  if (typeof id !== 'string') return { outcome: { target, outcome: 'value' } };
  const theirs = facts.accounts === undefined ? id : facts.accounts.get(asResourceId(id));
  if (theirs !== undefined) return { value: theirs, outcome: { target, outcome: 'value', value: theirs } };
  const note = 'The resource that it refers to has no account there yet; it follows when there is one.';
  return { awaited: [asResourceId(id)], outcome: { target, outcome: 'awaited', note } };
}
