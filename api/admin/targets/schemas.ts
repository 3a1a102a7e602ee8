import { z } from 'zod';
import { DEFAULT_RETRY } from '../../../domain/policy.ts';
import { name } from '../tenants/schemas.ts';
import { mapping, mappingView, path } from './mapping-schemas.ts';
import { runningFields } from './running-schemas.ts';
import { scopeFields } from './scope-schemas.ts';

const DAY = 86_400_000;

const onFailure = z
  .enum(['compensate', 'continue', 'park'])
  .describe(
    'What happens when a step cannot succeed: compensate the change everywhere, continue without the target, or park the step for an operator. A step that removes access (deactivation, deletion, end of scope) is always parked.',
  );
const deprovision = z
  .enum(['disable', 'delete', 'leave'])
  .describe(
    'What the account becomes when its user is gone or out of scope. A target that cannot do this is refused; nothing else is done in its place.',
  );
const deprovisionGroups = z
  .enum(['delete', 'empty', 'leave'])
  .describe(
    'What a group there becomes when it is gone here or out of scope. `empty` keeps the group and takes its members out: groups have no state that could be disabled. Left out: `leave` where `deprovision` is `leave`, else `delete`.',
  );
const resourceTypes = z.array(z.enum(['User', 'Group'])).describe('What it takes.');

const milliseconds = (least: number, most: number, preset: number, description: string) =>
  z.int().min(least).max(most).default(preset).describe(description);

const retry = z
  .strictObject({
    initialIntervalMs: milliseconds(
      1,
      DAY,
      DEFAULT_RETRY.initialIntervalMs,
      'Before the second attempt; doubled for each further one.',
    ),
    maximumIntervalMs: milliseconds(1, DAY, DEFAULT_RETRY.maximumIntervalMs, 'Longest pause between attempts.'),
    maximumAttempts: z
      .int()
      .min(0)
      .max(1_000_000)
      .default(DEFAULT_RETRY.maximumAttempts)
      .describe('0: as often as the age allows.'),
    giveUpAfterMs: milliseconds(1_000, 90 * DAY, DEFAULT_RETRY.giveUpAfterMs, 'Age at which a step is given up.'),
    heartbeatTimeoutMs: milliseconds(
      1_000,
      600_000,
      DEFAULT_RETRY.heartbeatTimeoutMs,
      'Without a sign of life for this long, a worker counts as lost.',
    ),
  })
  .refine(({ initialIntervalMs, maximumIntervalMs }) => initialIntervalMs <= maximumIntervalMs, {
    path: ['maximumIntervalMs'],
    message: 'The longest pause cannot be shorter than the first.',
  })
  .meta({ id: 'RetryInput' });

const settings = z
  .record(z.string().max(100), z.unknown())
  .describe(
    'The connector\'s own settings, secret ones among them. A secret is never read back: a GET shows `{"set": true}` in its place. In a PUT, a secret that is left out or sent as that placeholder stays what it is, and `null` removes it. Where scheme, host or port of an address in the settings changes, secrets have to be sent again.',
  );

export const targetInput = z
  .strictObject({
    name,
    connector: z.string().min(1).max(50).describe('Type of connector, e.g. `scim2`. Cannot be changed.'),
    enabled: z.boolean().default(true),
    blocking: z
      .boolean()
      .default(false)
      .describe(
        'It must succeed before the client is answered. If it fails, the change is compensated; a deactivation or deletion stands, is answered, and is parked there.',
      ),
    onFailure: onFailure.default('park'),
    deprovision: deprovision.default('disable'),
    deprovisionGroups: deprovisionGroups.exactOptional(),
    resourceTypes: resourceTypes
      .min(1, 'Name at least one.')
      .refine((types) => new Set(types).size === types.length, 'Name each resource type once.')
      .default(['User']),
    matchBy: path
      .default('userName')
      .describe('Attribute at the target by which an existing account is found before one is created.'),
    mapping: mapping.default({ kind: 'like-for-like' }),
    retry: retry.prefault({}),
    concurrency: z.int().min(1).max(1_000).default(10).describe('Most steps under way at once on this target.'),
    settings: settings.default({}),
    ...scopeFields,
    ...runningFields,
  })
  .meta({ id: 'TargetInput' });

export const targetView = z
  .object({
    id: z.string(),
    name: z.string(),
    connector: z.string(),
    enabled: z.boolean(),
    blocking: z.boolean(),
    onFailure,
    deprovision,
    deprovisionGroups: deprovisionGroups.exactOptional(),
    resourceTypes: z.array(z.string()),
    matchBy: z.string(),
    mapping: mappingView,
    retry: z.object({
      initialIntervalMs: z.int(),
      maximumIntervalMs: z.int(),
      maximumAttempts: z.int(),
      giveUpAfterMs: z.int(),
      heartbeatTimeoutMs: z.int(),
    }),
    concurrency: z.int(),
    settings: z.record(z.string(), z.unknown()).describe('Each secret one as `{"set": true}`.'),
    ...scopeFields,
    ...runningFields,
  })
  .meta({ id: 'Target' });

export const targetList = z.object({ items: z.array(targetView) }).meta({ id: 'TargetList' });

export const testResult = z
  .object({
    ok: z.boolean(),
    error: z
      .object({
        code: z.string(),
        message: z.string(),
        targetStatus: z.int().optional(),
        targetDetail: z.string().optional(),
      })
      .optional()
      .describe('Why not: our code, in words, and what the target itself said.'),
  })
  .meta({ id: 'TestResult' });
