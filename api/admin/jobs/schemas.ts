import { z } from 'zod';
import { pageOf } from '../page.ts';

const version = z.int().min(1);

export const jobInput = z
  .discriminatedUnion('kind', [
    z
      .strictObject({ kind: z.literal('resync-target'), target: z.string().min(1).max(100) })
      .describe('Every resource is compared with what the target really holds; only differences are sent.'),
    z
      .strictObject({
        kind: z.literal('reconcile-target'),
        target: z.string().min(1).max(100),
        dryRun: z.boolean().default(false).describe('Nothing is done: the findings say what would be.'),
      })
      .describe('Every account of the target is compared with what is known of it, as its `reconciliation` says.'),
    z
      .strictObject({ kind: z.literal('policy-edit'), from: version, to: version })
      .describe(
        'Resources that a target gains, loses or holds otherwise by version `to` of the configuration than by `from`.',
      ),
  ])
  .meta({ id: 'JobInput' });

export const jobView = z
  .object({
    id: z.string(),
    kind: z.enum([
      'resync-target',
      'reconcile-target',
      'carry-out-findings',
      'policy-edit',
      'retry-parked',
      'role-members',
    ]),
    target: z.string().optional().describe('Of what concerns one target.'),
    code: z.string().optional().describe('Of parked steps that are tried again: their error code.'),
    comment: z.string().optional().describe('Why, in the words of who started it.'),
    dryRun: z.boolean().optional().describe('Of a reconciliation.'),
    run: z.string().optional().describe('Of decisions that are carried out: the reconciliation that asked for them.'),
    targets: z.array(z.string()).optional().describe('Of role members: the targets whose scope looks at the group.'),
    group: z.string().optional().describe('Of role members: the group that changed.'),
    from: z.int().optional(),
    to: z.int().optional(),
    state: z.enum(['running', 'done', 'cancelled', 'failed']),
    error: z.string().optional().describe('Why it failed.'),
    startedBy: z.string().describe('Id of the credential, or `engine`.'),
    startedAt: z.string(),
    endedAt: z.string().optional(),
    examined: z.int().describe('Resources looked at.'),
    touched: z.int().describe('Resources that were to be brought to targets.'),
    progress: z
      .object({
        open: z.int().describe('Under way.'),
        confirmed: z.int(),
        failed: z.int().describe('Given up, as the target’s failure policy says.'),
        parked: z.int().describe('Wait for an operator. A job does not wait for them.'),
      })
      .describe('What has come of the touched ones.'),
  })
  .meta({ id: 'Job' });

export const jobPage = pageOf('JobPage', jobView);
