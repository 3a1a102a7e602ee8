import { z } from 'zod';
import type { Mapping } from '../../../domain/mapping/mapping.ts';
import { isSourcePath } from '../../../domain/mapping/paths.ts';
import { tokensOf } from '../../../domain/mapping/pattern.ts';
import type { ScimValue } from '../../../domain/scim/resource.ts';
import { LONGEST_EXPRESSION } from '../../../domain/scope/expression-syntax.ts';

/** An attribute's path, at a target or of a resource. */
export const path = z
  .string()
  .max(300)
  .regex(
    /^(urn:[\w.:-]+:)?[A-Za-z$][\w$-]*(\.[A-Za-z$][\w$-]*)*$/,
    'Use an attribute path such as name.givenName, emails.value or urn:…:User:department.',
  );

const sourcePath = z
  .string()
  .max(300)
  .refine(isSourcePath, 'Use a path such as name.givenName, emails[type eq "work"].value or urn:…:User:department.');

/** Whatever JSON holds, which is all that a parsed body can have. */
const value = z.custom<ScimValue>().meta({ description: 'Any JSON value.' });
const expression = z.string().trim().min(1).max(LONGEST_EXPRESSION);

/** Of all expressions of a mapping, characters. */
const MOST_OF_EXPRESSIONS = 50_000;

const KINDS = ['source', 'constant', 'expression', 'reference', 'unique', 'pattern'] as const;

const rule = z
  .strictObject({
    target: path.describe('Attribute at the target.'),
    source: sourcePath.optional().describe('Attribute of the resource; `id` is its id here.'),
    take: z
      .enum(['first', 'all'])
      .optional()
      .describe('Of several values the primary one, else the first, or all. Left out: what stands there, whole.'),
    join: z.string().max(20).optional().describe('All values as one text, with this between them.'),
    constant: value.optional().describe('Sent always.'),
    expression: expression
      .optional()
      .describe(
        'CEL over `resource`, `groups` and `id`, e.g. `resource.name.givenName + " " + resource.name.familyName`.',
      ),
    reference: path
      .optional()
      .describe('Attribute that holds the id of another resource: sent as the id of its account at the target.'),
    unique: z
      .array(expression)
      .min(1)
      .max(10)
      .optional()
      .describe(
        'CEL expressions: the first value that nobody has at the target is chosen when the account is made, and kept. Where all are taken, the last one followed by 2, 3, ….',
      ),
    pattern: z
      .string()
      .max(100)
      .optional()
      .describe('A name of the parts UD (user store domain), UN (user name), TD (tenant), IDP, e.g. `{UD,UN}`.'),
    separator: z.string().max(10).optional().describe('Between the parts of a pattern. Default `_`.'),
    domain: z.string().max(255).optional().describe('Appended to a pattern’s name as `@domain`.'),
    default: value.optional().describe('Sent where there is no value.'),
    apply: z
      .enum(['always', 'create-only'])
      .optional()
      .describe('`create-only`: sent when the account is made, and never touched afterwards.'),
    whenEmpty: z
      .enum(['clear', 'keep'])
      .optional()
      .describe('Where there is no value, the attribute goes at the target, or stays as it is there. Default `clear`.'),
    for: z.enum(['User', 'Group']).optional().describe('Only for resources of this type.'),
  })
  .superRefine((given, context) => {
    for (const { field, message } of faultsOf(given)) context.addIssue({ code: 'custom', path: [field], message });
  })
  .meta({
    id: 'MappingRuleInput',
    description: 'Has one of `source`, `constant`, `expression`, `reference`, `unique` and `pattern`.',
  });

/** What goes only with some kinds of rules. */
const ONLY_WITH: Readonly<Record<string, readonly string[]>> = {
  take: ['source'],
  join: ['source'],
  separator: ['pattern'],
  domain: ['pattern'],
  default: ['source', 'expression', 'reference', 'pattern'],
};

function faultsOf(given: Readonly<Record<string, unknown>>): { readonly field: string; readonly message: string }[] {
  const kinds = KINDS.filter((name) => given[name] !== undefined);
  const [kind, second] = kinds;
  if (kind === undefined) return [{ field: 'source', message: `A rule has one of ${KINDS.join(', ')}.` }];
  if (second !== undefined)
    return [{ field: second, message: `A rule has one of ${KINDS.join(', ')}, not ${kinds.length}.` }];
  const misplaced = Object.entries(ONLY_WITH)
    .filter(([name, allowed]) => given[name] !== undefined && !allowed.includes(kind))
    .map(([field, allowed]) => ({ field, message: `It goes only with ${allowed.join(', ')}.` }));
  const tokens = kind === 'pattern' ? tokensOf(String(given['pattern'])) : [];
  return typeof tokens === 'string' ? [...misplaced, { field: 'pattern', message: tokens }] : misplaced;
}

const rules = z
  .array(rule)
  .max(500)
  .superRefine((given, context) => {
    for (const [index, { target, for: type }] of given.entries()) {
      const twin = given.findIndex((other) => other.target === target && (other.for ?? type) === (type ?? other.for));
      if (twin < index)
        context.addIssue({ code: 'custom', path: [index, 'target'], message: 'Another rule fills this attribute.' });
    }
    const expressions = given.flatMap(({ expression: one, unique = [] }) => [one ?? '', ...unique]);
    if (expressions.join('').length > MOST_OF_EXPRESSIONS)
      context.addIssue({
        code: 'custom',
        path: [],
        message: `All expressions of a mapping may have ${MOST_OF_EXPRESSIONS} characters together.`,
      });
  });

export const mapping = z.discriminatedUnion('kind', [
  z
    .strictObject({
      kind: z.literal('like-for-like'),
      exclude: z.array(path).max(200).optional().describe('Attributes that are not sent.'),
      rules: rules.optional().describe('What is sent instead of the attributes that they name.'),
    })
    .describe('Sends every attribute as it is; a manager as the id of its account at the target.'),
  z
    .strictObject({ kind: z.literal('rules'), rules: rules.min(1) })
    .describe('Sends what the rules name, and nothing else.'),
]);

/** A mapping as it may be read: what was given. */
export const mappingView = z.object({
  kind: z.enum(['like-for-like', 'rules']),
  exclude: z.array(z.string()).optional(),
  rules: z.array(z.record(z.string(), z.unknown())).optional().describe('As they were given.'),
});

/** What was parsed from JSON is JSON, which has no undefined, at any depth. */
export const toMapping = (given: z.output<typeof mapping>): Mapping => JSON.parse(JSON.stringify(given)) as Mapping;
