import { z } from 'zod';
import { changeFields } from '../changes/schemas.ts';
import { pageOf, pageQuery } from '../page.ts';

/** In the order in which they are listed. */
export const ATTENTION_KINDS = [
  'audit-alarm',
  'target',
  'compensation-failed',
  'parked-change',
  'failed-job',
  'finding',
  'approval',
] as const;
export type AttentionKind = (typeof ATTENTION_KINDS)[number];

const id = z.string().min(1).max(200);
const kind = z
  .enum(ATTENTION_KINDS)
  .describe(
    '`audit-alarm`: something is wrong with an audit trail. `target`: paused, in quarantine, or with staged deletions. `compensation-failed`: a change that could not be taken back everywhere. `parked-change`: a step waits for a decision. `failed-job`: of the last 30 days. `finding`: of a reconciliation. `approval`: a change that waits for one.',
  );

export const attentionQuery = z.strictObject({
  kind: kind.optional(),
  target: id.optional().describe('Only what concerns the target with this id.'),
  code: id.optional().describe('Only what failed with this error code.'),
  ...pageQuery,
});

const action = z.object({
  operation: z.string().describe('Name of the operation in this API.'),
  method: z.literal('POST'),
  path: z.string().describe('Below `/admin/v1`.'),
});

export const attentionItem = z
  .object({
    kind,
    because: z.string().describe('What waits and why, in plain words.'),
    since: z.string().optional(),
    actions: z.array(action).describe('What can be done about it.'),
    target: z.string().optional(),
    identityProvider: z.string().optional(),
    name: z.string().optional().describe('Of the target.'),
    code: z.string().optional(),
    targetSaid: z.string().optional().describe("The target's own message."),
    stagedDeletions: z.int().optional().describe('Of a target.'),
    job: z.string().optional(),
    finding: z.string().optional(),
    situation: z.string().optional().describe('Of a finding.'),
    ...z.object(changeFields).partial().shape,
  })
  .meta({
    id: 'AttentionItem',
    description: 'One thing that needs a person. A change has all that the list of changes shows of it.',
  });

export const attentionPage = pageOf('AttentionPage', attentionItem);
