import { z } from 'zod';
import type { ScimValue } from '../../../domain/scim/resource.ts';

const id = z.string().min(1).max(200);

const comment = z
  .string()
  .trim()
  .min(1)
  .max(500)
  .optional()
  .describe('Why. Kept in the audit trail; do not name people.');

const attributeName = z
  .string()
  .max(300)
  .regex(/^(urn:[\w.:-]+|[A-Za-z$][\w$-]*)$/, 'Use the name of a whole attribute, such as name, or an extension.');

/** Whatever JSON holds, which is all that a parsed body can have. */
const value = z.custom<ScimValue>().meta({ description: 'Any JSON value.' });

export const stepEdit = z
  .strictObject({
    target: id.describe('Where the step is parked.'),
    set: z.record(attributeName, value).default({}).describe('Attributes at the target that are sent so, each whole.'),
    remove: z.array(attributeName).max(100).default([]).describe('Attributes that are not sent.'),
    comment,
  })
  .refine(({ set, remove }) => Object.keys(set).length + remove.length > 0, {
    path: ['set'],
    message: 'Set or remove at least one attribute.',
  })
  .refine(({ set, remove }) => !remove.some((name) => name in set), {
    path: ['remove'],
    message: 'An attribute is either set or removed.',
  })
  .meta({ id: 'StepEdit' });

export const editedAnswer = z
  .object({
    steps: z.int().describe('How many steps are tried again.'),
    note: z.string().describe('For how long it holds.'),
  })
  .meta({ id: 'EditedAnswer' });

export const alikeOrder = z
  .strictObject({
    target: z.string().min(1).max(200).optional().describe('Which parked step of the change; left out: its first.'),
    dryRun: z.boolean().default(false).describe('Only count.'),
    comment,
  })
  .prefault({})
  .meta({ id: 'AlikeOrder' });

export const alikeAnswer = z
  .object({
    target: z.string(),
    code: z.string(),
    changes: z.int().describe('Changes that are parked there with this code now.'),
    job: z.string().optional().describe('The job that tries them again; absent in a dry run.'),
  })
  .meta({ id: 'AlikeAnswer' });
