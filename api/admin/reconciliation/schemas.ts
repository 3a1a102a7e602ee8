import { z } from 'zod';
import { SITUATIONS } from '../../../domain/reconciliation.ts';
import { pageOf, pageQuery } from '../page.ts';

const situation = z.enum(SITUATIONS as [(typeof SITUATIONS)[number], ...(typeof SITUATIONS)[number][]]);
const state = z.enum(['reported', 'waiting', 'decided', 'done', 'failed']);
const action = z.enum(['report', 'push', 'adopt', 'delete', 'park']);

export const findingsQuery = z.strictObject({
  ...pageQuery,
  situation: situation.optional(),
  state: state.optional(),
});

export const findingView = z
  .object({
    id: z.string(),
    target: z.string(),
    run: z.string().describe('Id of the job that found it.'),
    situation,
    resourceType: z.enum(['User', 'Group']),
    resourceId: z.string().optional(),
    remoteId: z.string().optional().describe('Id of the account at the target.'),
    members: z
      .object({ missing: z.int(), surplus: z.int() })
      .optional()
      .describe(
        'Of a group: members that the target lacks, and those that it has and should not. Some are in `confirmed` and `held`.',
      ),
    attributes: z.array(z.string()).optional().describe('Those that differ.'),
    action: action.describe('What is done about it, or would be where nothing was.'),
    state: state.describe(
      '`reported`: told only. `waiting`: for a decision. `decided`: it is being carried out. `done`: handed to the resource’s workflow, or done. `failed`: see the note.',
    ),
    note: z.string().optional(),
    foundAt: z.string(),
    decidedBy: z.string().optional().describe('Id of the credential.'),
    confirmed: z.record(z.string(), z.unknown()).optional().describe('What the target confirmed last.'),
    held: z.record(z.string(), z.unknown()).optional().describe('What it holds.'),
  })
  .meta({ id: 'Finding' });

export const findingPage = pageOf('FindingPage', findingView);

export const findingCounts = z
  .object({ items: z.array(z.object({ situation, state, count: z.int() })) })
  .meta({ id: 'FindingCounts' });

export const decisionInput = z
  .strictObject({
    action: z.enum(['push', 'adopt', 'delete', 'report']).describe('`report` leaves everything as it is.'),
  })
  .meta({ id: 'FindingDecision' });
