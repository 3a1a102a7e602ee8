import { z } from 'zod';
import { LONGEST_EXPRESSION } from '../../../domain/scope/expression-syntax.ts';
import { pageOf, pageQuery } from '../page.ts';

const id = z.string().min(1).max(200);
const list = <Item extends z.ZodType>(item: Item) => z.array(item).min(1).max(200);

const named = z.strictObject({
  kind: z.enum(['user', 'credential', 'group']),
  id: id.describe('Of a user or group its id; of a credential its whole id, as in `hr-system@acme`.'),
});

/** Who answers for a target. */
export const owners = z
  .array(named.meta({ id: 'NamedApprover' }))
  .min(1)
  .max(50)
  .describe('Who answers for it: whom approval rules ask that name the owner.');

const approver = z
  .discriminatedUnion('kind', [named, z.strictObject({ kind: z.enum(['manager', 'owner']) })])
  .describe(
    'A user, a credential, the members of a group, the manager of the user who is changed, or the owners of the target (before persisting: of all that the client provisions to).',
  )
  .meta({ id: 'Approver' });

/** Milliseconds: a second to a year. */
const duration = z.int().min(1_000).max(31_536_000_000);

/** Mails to one person about one stage. */
const MOST_REMINDERS = 100;

const stage = z
  .strictObject({
    approvers: list(approver),
    needs: z
      .union([z.literal('all'), z.int().min(1).max(200)])
      .default(1)
      .describe('How many of them have to approve. One refusal is enough to refuse.'),
    expiresAfterMs: duration
      .default(604_800_000)
      .describe('Milliseconds after which the change is refused for lack of an answer.'),
    remindEveryMs: duration
      .optional()
      .describe(
        `Milliseconds between reminders of those who have not decided; at most ${MOST_REMINDERS} before it expires. Left out: nobody is reminded.`,
      ),
    escalation: z
      .strictObject({
        afterMs: duration.describe('Milliseconds after the stage began.'),
        approvers: list(approver),
      })
      .optional()
      .describe('Others who are asked beside them, where it is not decided after a while.'),
  })
  .refine(
    ({ remindEveryMs, expiresAfterMs }) =>
      remindEveryMs === undefined || expiresAfterMs <= MOST_REMINDERS * remindEveryMs,
    {
      path: ['remindEveryMs'],
      message: `would remind more than ${MOST_REMINDERS} times before the stage expires; remind less often`,
    },
  );

const rule = z
  .strictObject({
    name: z.string().trim().min(1).max(100).describe('Shown to approvers and in the audit trail.'),
    before: z
      .enum(['persist', 'target'])
      .optional()
      .describe(
        '`persist`: nothing is written before the approval. `target`: it is written, and each target that the rule names learns of it only when that is approved. Default `persist`.',
      ),
    targets: list(id).optional().describe('Targets that wait; with `before: target`. Left out: all.'),
    risk: z
      .string()
      .trim()
      .min(1)
      .max(LONGEST_EXPRESSION)
      .optional()
      .describe(
        'CEL that gives true where the change has to be asked about, over `before`, `after`, `attributes`, `operation`, `resourceType`, `id`, `source`, `serviceProvider` and `actor`, e.g. `after.title.startsWith("Chief")`. One without an answer asks.',
      ),
    operations: list(z.enum(['create', 'replace', 'patch'])).optional(),
    resourceTypes: list(z.string().min(1).max(64)).optional(),
    sources: list(z.enum(['scim2', 'scim1', 'soap', 'console', 'jit', 'bulk', 'reconciliation'])).optional(),
    serviceProviders: list(id).optional(),
    attributes: list(z.string().min(1).max(300))
      .optional()
      .describe('The change touches one of them. Those of an extension behind its URN and a colon.'),
    groups: list(id).optional().describe('The change touches the members of one of these groups.'),
    stages: z.array(stage).min(1).max(10).describe('Asked one after another.'),
  })
  .meta({ id: 'ApprovalRule' });

export const ruleList = z.array(rule).max(100).describe('The first rule that fits a change asks.');

export const ruleTable = z.strictObject({ items: ruleList }).meta({ id: 'ApprovalRules' });

export const approvalQuery = z.strictObject({
  state: z.enum(['waiting', 'granted', 'refused', 'expired', 'withdrawn', 'cancelled']).optional(),
  ...pageQuery,
});

export const inboxQuery = z.strictObject(pageQuery);

export const approvalView = z
  .object({
    id: z.string(),
    change: z.string().describe('Id of the change.'),
    target: z
      .string()
      .optional()
      .describe('The target that must not learn of the change before; absent where nothing is written before.'),
    state: z.string(),
    rule: z.string(),
    operation: z.string(),
    resourceType: z.string(),
    resource: z.string(),
    requester: z.string().describe('Who asked for the change, as the audit trail names him.'),
    askedAt: z.string(),
    expiresAt: z.string(),
    stage: z.int().describe('The one that is asked, from 1.'),
    stages: z.int(),
    onBehalfOf: z.string().optional().describe('In your inbox: whom you stand in for.'),
    approvers: z.array(z.string()).describe('Who is asked now: `user:<id>`, or the id of a credential.'),
    needs: z.int().describe('How many of them have to approve.'),
    lacksApprovers: z.boolean().describe('Fewer can be asked than have to approve: reassign it.'),
    unreadable: z
      .literal(true)
      .optional()
      .describe('Its record is damaged: this is what could be read of it, and nothing can be decided.'),
    differences: z.array(
      z.object({
        attribute: z.string(),
        before: z.unknown().optional().describe('Absent where it had no value.'),
        after: z.unknown().optional().describe('Absent where it loses its value.'),
      }),
    ),
    decisions: z.array(
      z.object({
        stage: z.int(),
        by: z.string().describe('Who was asked.'),
        delegate: z.string().optional().describe('Who decided in his place.'),
        verdict: z.string(),
        at: z.string(),
        comment: z.string().optional(),
      }),
    ),
  })
  .meta({ id: 'Approval' });

export const approvalTold = approvalView
  .extend({
    notices: z
      .array(
        z.object({
          event: z.string(),
          channel: z.string().describe('mail or webhook'),
          receiver: z.string().describe('`user:<id>`, or the id of a webhook.'),
          delegate: z.string().optional().describe('Who got it in his place.'),
          stage: z.int(),
          at: z.string(),
          state: z.string().describe('pending, sent, dropped or failed'),
          because: z.string().optional().describe('Why not, or not yet.'),
        }),
      )
      .describe('Who was told of it, and how.'),
  })
  .meta({ id: 'ApprovalTold' });

export const approvalPage = pageOf('ApprovalPage', approvalView);

export const decisionInput = z
  .strictObject({
    verdict: z.enum(['approve', 'refuse']),
    comment: z.string().trim().min(1).max(500).optional().describe('Kept sealed, and shown with the approval.'),
  })
  .meta({ id: 'ApprovalDecision' });

export const reassignInput = z
  .strictObject({ approvers: list(id).describe('In the place of those asked now: `user:<id>`, or a credential.') })
  .meta({ id: 'ApprovalReassignment' });

export const askedAgain = z
  .object({ change: z.string().describe('Id of the change that asks.') })
  .meta({ id: 'AskedAgain' });
