import { IANAZone } from 'luxon';
import { z } from 'zod';
import type { Target } from '../../../domain/policy.ts';
import {
  ACTIONS,
  DEFAULT_MOST_CHANGES,
  type ReconciliationAction,
  SITUATIONS,
  type Situation,
} from '../../../domain/reconciliation.ts';
import { DEFAULT_BREAKER } from '../../../domain/target-health.ts';
import { owners } from '../approvals/schemas.ts';
import { path } from './mapping-schemas.ts';

const DAY = 86_400_000;

const rateLimit = z
  .strictObject({
    perSecond: z.number().min(0.01).max(10_000).describe('Calls a second in the long run.'),
    burst: z.int().min(1).max(10_000).default(1).describe('Calls that may be made at once after a quiet time.'),
  })
  .meta({ id: 'RateLimit', description: 'How fast the target may be called, by all workers together.' });

const breaker = z
  .strictObject({
    failures: z
      .int()
      .min(1)
      .max(100)
      .default(DEFAULT_BREAKER.failures)
      .describe('Different resources that fail in a row, in a way that may be everybody’s, until it is quarantined.'),
    probeAfterMs: z
      .int()
      .min(100)
      .max(DAY)
      .default(DEFAULT_BREAKER.probeAfterMs)
      .describe('Until the first probe; doubled after each that fails.'),
    longestProbeMs: z
      .int()
      .min(100)
      .max(DAY)
      .default(DEFAULT_BREAKER.longestProbeMs)
      .describe('Between probes at most.'),
  })
  .meta({ id: 'Breaker', description: 'When a target that fails for everybody is left alone.' });

const deletionGuard = z
  .strictObject({
    windowMs: z
      .int()
      .min(1_000)
      .max(30 * DAY)
      .describe('Windows follow one another without a gap.'),
    most: z.int().min(0).max(10_000_000).optional().describe('Accounts that may go in a window.'),
    share: z
      .number()
      .min(0)
      .max(1)
      .optional()
      .describe(
        'Share of the accounts that are linked when a window begins; rounded down. With `most`, the smaller counts.',
      ),
    countDisables: z
      .boolean()
      .optional()
      .describe('Whether accounts that are disabled because their resource is gone count too.'),
  })
  .refine(({ most, share }) => most !== undefined || share !== undefined, {
    path: ['most'],
    message: 'A guard has a number, a share, or both.',
  })
  .meta({ id: 'DeletionGuard', description: 'Deletions beyond it are staged until an operator decides.' });

const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'Use HH:MM, from 00:00 to 23:59.');

const serviceWindow = z
  .strictObject({
    days: z
      .array(z.int().min(1).max(7))
      .min(1)
      .max(7)
      .refine((days) => new Set(days).size === days.length, 'Name each day once.')
      .describe('Weekdays on which it begins; 1 is Monday.'),
    from: time,
    to: time.describe('A window that ends at or before its beginning goes over midnight.'),
    timeZone: z.string().max(100).refine(IANAZone.isValidZone, 'Use a name such as Europe/Berlin.'),
  })
  .meta({ id: 'ServiceWindow' });

const matching = z
  .strictObject({
    rules: z
      .array(z.strictObject({ attributes: z.array(path).min(1).max(5) }))
      .min(1)
      .max(10)
      .describe(
        'Tried in their order, all attributes of one at once; a rule without a value of its own is passed over.',
      ),
    onNone: z.enum(['create', 'park']).optional().describe('Default `create`.'),
    onOne: z
      .enum(['link', 'park'])
      .optional()
      .describe('Default `link`. Several are always a person’s to decide about.'),
  })
  .meta({ id: 'MatchingPolicy', description: 'How an account that is there already is found, instead of `matchBy`.' });

const cronField = /^[\d*/,-]+$/;

const schedule = z.strictObject({
  cron: z
    .string()
    .trim()
    .max(100)
    .refine((text) => text.split(/\s+/).length === 5 && text.split(/\s+/).every((field) => cronField.test(field)), {
      message: 'Use five fields of numbers, such as `0 3 * * 1`: minute, hour, day of month, month, weekday.',
    }),
  timeZone: z.string().max(100).refine(IANAZone.isValidZone, 'Use a name such as Europe/Berlin.'),
});

const reconciliation = z
  .strictObject({
    actions: z
      .strictObject(
        Object.fromEntries(SITUATIONS.map((situation) => [situation, z.enum(ACTIONS[situation]).optional()])) as {
          readonly [Name in Situation]: z.ZodOptional<z.ZodEnum<{ [Action in ReconciliationAction]: Action }>>;
        },
      )
      .optional()
      .describe('What is done in each situation; `report` where nothing is said.'),
    mostChanges: z
      .int()
      .min(0)
      .max(10_000_000)
      .optional()
      .describe(
        `Most differences that one run acts on; the rest waits for a decision. Default ${DEFAULT_MOST_CHANGES}.`,
      ),
    schedule: schedule.optional().describe('When it runs by itself. Left out: when somebody starts it.'),
  })
  .meta({ id: 'ReconciliationPolicy', description: 'What is done where the target turns out to hold something else.' });

/** Fields of a target that say how it may be called. The same in what is sent and what is read. */
export const runningFields = {
  rateLimit: rateLimit.optional(),
  breaker: breaker.optional().describe('Left out: ten failures, half a minute, a quarter of an hour.'),
  deletionGuard: deletionGuard.optional(),
  serviceWindows: z
    .array(serviceWindow)
    .min(1)
    .max(50)
    .optional()
    .describe('When it may be called; outside of them its steps wait. Left out: always.'),
  urgentOutsideWindows: z
    .boolean()
    .optional()
    .describe('Whether deactivations and deletions pass its service windows. They never pass a pause or a quarantine.'),
  reconciliation: reconciliation.optional(),
  matching: matching.optional(),
  owners: owners.optional(),
};

type Running = Pick<Target, keyof typeof runningFields>;

/** Parts what says how a target may be called from its other fields; what was left out is not there. */
export function partRunning<Fields extends { readonly [Name in keyof Running]?: unknown }>(
  fields: Fields,
): { readonly running: Running; readonly others: Omit<Fields, keyof Running> } {
  const isRunning = ([name]: [string, unknown]): boolean => Object.hasOwn(runningFields, name);
  const given = Object.fromEntries(Object.entries(fields).filter(isRunning));
  const others = Object.fromEntries(Object.entries(fields).filter((field) => !isRunning(field)));
  // What was parsed from JSON is JSON, which has no undefined, at any depth.
  return { running: JSON.parse(JSON.stringify(given)) as Running, others: others as Omit<Fields, keyof Running> };
}
