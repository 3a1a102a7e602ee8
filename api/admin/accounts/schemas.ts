import { z } from 'zod';

const id = z.string().min(1).max(200);

const account = {
  resourceType: z.enum(['User', 'Group']).default('User'),
  resourceId: id,
};

export const accountDecisionInput = z
  .strictObject({
    ...account,
    decision: z
      .discriminatedUnion('kind', [
        z
          .strictObject({ kind: z.literal('link'), remoteId: z.string().min(1).max(500) })
          .describe('The account with this id at the target is the resource’s.'),
        z.strictObject({ kind: z.literal('create') }).describe('None of those that are there: another one is created.'),
        z
          .strictObject({ kind: z.literal('unlink') })
          .describe(
            'What is known of its account is forgotten, and the account left alone. The next change matches anew.',
          ),
      ])
      .describe('What to make of the account.'),
    comment: z
      .string()
      .trim()
      .min(1)
      .max(500)
      .optional()
      .describe('Why; it is in the audit trail, so do not name people.'),
  })
  .meta({ id: 'AccountDecisionInput' });

export const accountDecisionView = z
  .object({ change: z.string().describe('Id of the change that carries it out.') })
  .meta({ id: 'AccountDecision' });

export const provisionNowInput = z.strictObject(account).meta({ id: 'ProvisionNowInput' });

export const provisionNowView = z
  .object({
    change: z.string(),
    state: z.string().describe('Of the change; it goes on where it is neither `settled` nor `parked`.'),
    steps: z.array(
      z.object({
        step: z.enum(['imported', 'in scope', 'matched', 'projected', 'compared', 'sent', 'confirmed']),
        ok: z.boolean(),
        words: z.string(),
        details: z.record(z.string(), z.unknown()).optional(),
      }),
    ),
  })
  .meta({ id: 'ProvisionNow' });
