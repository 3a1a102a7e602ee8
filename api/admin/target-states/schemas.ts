import { z } from 'zod';

export const targetState = z
  .object({
    target: z.string(),
    name: z.string(),
    state: z.enum(['open', 'paused', 'quarantined', 'outside-window', 'throttled']),
    because: z.string().describe('What its steps wait for and why, in words. Empty while it is open.'),
    since: z.string().optional(),
    until: z.string().optional().describe('When it is tried next. Absent where only an operator knows.'),
    code: z.string().optional().describe('Of the failure that keeps it in quarantine.'),
    targetSaid: z.string().optional().describe("The target's own words."),
    probes: z.int().optional().describe('How often it was tried since then.'),
    pausedBy: z.string().optional().describe('Credential id of the operator.'),
    failing: z.int().describe('Different resources that failed in a row. The breaker opens at its number.'),
    waitingSteps: z.int().describe('In its queues, as Temporal estimates it; what retries later is not among them.'),
    stagedDeletions: z.int().describe('Deletions that wait for an operator.'),
    doesNotKeep: z
      .array(z.object({ resourceType: z.string(), attributes: z.array(z.string()) }))
      .optional()
      .describe(
        'Attributes that were sent to accounts of this type and were not there afterwards. They are no drift until the target keeps them; stop mapping them, or have the target take them.',
      ),
    remark: z.string().optional().describe('The same in words: "Does not keep: …".'),
    deletionsInWindow: z.int().optional().describe('What its deletion guard let through in this window.'),
  })
  .meta({ id: 'TargetState' });

export const targetInTrouble = targetState
  .pick({
    target: true,
    name: true,
    state: true,
    because: true,
    since: true,
    code: true,
    targetSaid: true,
    stagedDeletions: true,
  })
  .extend({ identityProvider: z.string() });

const comment = z
  .string()
  .trim()
  .min(1)
  .max(500)
  .optional()
  .describe('Why. Kept in the audit trail; do not name people.');

export const targetOrder = z.strictObject({ comment }).prefault({}).meta({ id: 'TargetOrder' });

export const extension = z
  .strictObject({
    forMs: z
      .int()
      .min(1_000)
      .max(30 * 86_400_000)
      .describe('No probe for so long from now.'),
    comment,
  })
  .meta({ id: 'QuarantineExtension' });

export const decidedAnswer = z
  .object({ deletions: z.int().describe('How many it was decided about. Their steps follow within seconds.') })
  .meta({ id: 'DecidedDeletions' });
