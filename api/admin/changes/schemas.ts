import { z } from 'zod';
import { auditEntryView } from '../audit/schemas.ts';
import { pageOf, pageQuery } from '../page.ts';

const state = z.enum([
  'received',
  'waiting-approval',
  'persisted',
  'provisioning',
  'parked',
  'settled',
  'compensated',
  'rejected',
]);

const id = z.string().min(1).max(200);

export const changeQuery = z.strictObject({
  state: state.optional().describe('Only changes that stand so.'),
  resource: id.optional().describe('Only changes of the resource with this id.'),
  serviceProvider: id.optional().describe('Only changes that came in by this service provider.'),
  ...pageQuery,
});

const wait = z
  .object({
    target: z.string(),
    name: z.string(),
    parked: z.boolean().describe('Nothing happens until an operator decides.'),
    because: z.string().describe('What waits, why, and what can be done; one sentence or two.'),
    code: z.string().optional().describe('Error code of the last attempt.'),
    targetSaid: z.string().optional().describe("The target's own message."),
  })
  .meta({ id: 'Wait' });

/** What is told of a change wherever it is listed. */
export const changeFields = {
  id: z.string(),
  operation: z.string(),
  resourceType: z.string(),
  resource: z.string().describe('Id of the resource.'),
  source: z.string().describe('Protocol that it came in by.'),
  actor: z.string().describe('Id of the credential that asked for it.'),
  serviceProvider: z.string(),
  receivedAt: z.string(),
  settledAt: z.string().optional(),
  urgent: z
    .boolean()
    .describe(
      'A deletion or deactivation, which overtakes what else waits for the resource. Until the change is persisted: it may be one.',
    ),
  partOf: z
    .string()
    .optional()
    .describe('Of a deactivation: the change that asked for it among other things, which may wait for an approval.'),
  state: z.string(),
  standing: z.string().describe('The state in words.'),
  waits: z.array(wait).describe('What it still waits for.'),
};

export const changeView = z.object(changeFields).meta({ id: 'Change' });
export const changePage = pageOf('ChangePage', changeView);

const step = z.object({
  target: z.string(),
  name: z.string(),
  result: z
    .string()
    .describe('confirmed, not-applicable, skipped, compensated, failed, parked, waiting-approval or withheld'),
  action: z.string().optional().describe('What was done there.'),
  notKept: z
    .array(z.string())
    .readonly()
    .optional()
    .describe('Attributes that were sent and that the target does not keep, at most 30; its state names all.'),
  attempts: z.int().optional(),
  reason: z.string().optional(),
  by: z.string().optional().describe('Credential id of the operator who skipped it.'),
  approval: z.string().optional().describe('Id of the approval that it waits for.'),
  code: z.string().optional(),
  message: z.string().optional(),
});

export const changeTimeline = z
  .object({
    ...changeFields,
    policyVersion: z.int().describe('Version of the configuration that it was decided on.'),
    version: z.int().optional().describe('Version of the resource that it wrote; 0 where nothing is stored.'),
    error: z
      .object({ code: z.string(), message: z.string(), path: z.string().optional() })
      .optional()
      .describe('Why it was refused.'),
    decision: z
      .object({
        mode: z.string(),
        targets: z.array(z.object({ target: z.string(), name: z.string(), called: z.boolean(), because: z.string() })),
      })
      .optional()
      .describe('Which targets it reaches or not, and why.'),
    steps: z.array(step).describe('How each target ended up, or where it waits.'),
    timeline: z.array(auditEntryView).describe('Its entries in the audit trail, in order; the newest 1,000.'),
  })
  .meta({ id: 'ChangeTimeline' });

const comment = z
  .string()
  .trim()
  .min(1)
  .max(500)
  .optional()
  .describe(
    "Why, for whoever looks at the workflow's history. Kept encrypted there, not in the audit trail; do not name people.",
  );

export const stepOrder = z
  .strictObject({ target: id.optional().describe('Only this target; left out: every one that waits.'), comment })
  .prefault({})
  .meta({ id: 'StepOrder' });

export const changeOrder = z.strictObject({ comment }).prefault({}).meta({ id: 'ChangeOrder' });

export const stepsAnswer = z
  .object({ steps: z.int().describe('How many steps it was done to.') })
  .meta({ id: 'StepsAnswer' });

export const compensationAnswer = z
  .object({
    restored: z
      .boolean()
      .describe('Whether the store stands as before the change; false where a later change stands on top.'),
  })
  .meta({ id: 'CompensationAnswer' });
