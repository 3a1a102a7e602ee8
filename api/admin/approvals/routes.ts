import { type Approval, type ApprovalOrder, askedNow } from '../../../domain/approval/approval.ts';
import { ProvostError } from '../../../domain/errors.ts';
import { asApprovalId, type TenantId } from '../../../domain/ids.ts';
import type { Principal } from '../../identify/principal.ts';
import type { RoutesDependencies } from '../dependencies.ts';
import { decodeCursor, toPage } from '../page.ts';
import { type AdminRoute, defineRoute } from '../route.ts';
import {
  approvalPage,
  approvalQuery,
  approvalView,
  askedAgain,
  decisionInput,
  inboxQuery,
  reassignInput,
} from './schemas.ts';
import { viewOf } from './view.ts';

const GROUP = 'Approvals';
const INBOX = '/approvals';
const ALL = '/tenants/:tenant/approvals';
const FAILURES = { 409: 'It does not wait for a decision, or not for one of yours.' };

/** What waits for whom: the inbox of whoever asks, and all of it for operators. */
export function approvalRoutes(dependencies: RoutesDependencies): AdminRoute[] {
  const { approvals, credentials, operate, reproject, now } = dependencies;
  return [
    defineRoute({
      method: 'get',
      path: INBOX,
      operation: 'listMyApprovals',
      group: GROUP,
      summary: 'List what waits for your approval',
      description: 'A person asks by his own `userName@tenant` and password, or by a credential of his.',
      permission: 'anybody',
      query: inboxQuery,
      answer: { status: 200, description: 'One page.', schema: approvalPage },
      async handle({ principal, query: { limit, cursor } }) {
        const [after] = decodeCursor(cursor, 1) ?? [];
        const asks = namesOf(principal);
        const found = await approvals.list(principal.tenant, {
          asks,
          limit: limit + 1,
          ...(after === undefined ? {} : { after }),
        });
        const { items, ...rest } = toPage(found, limit, ({ id }) => [id]);
        return { body: { items: items.map(viewOf), ...rest } };
      },
    }),
    defineRoute({
      method: 'post',
      path: `${INBOX}/:approval/decision`,
      operation: 'decideApproval',
      group: GROUP,
      summary: 'Approve or refuse a change',
      description: 'Only who is asked may, and never who asked for the change. Each decides once in a stage.',
      permission: 'anybody',
      body: decisionInput,
      answer: { status: 200, description: 'The approval as it stands now.', schema: approvalView },
      failures: FAILURES,
      async handle({ principal, parameters, body: { verdict, comment } }) {
        const approval = await existing(principal.tenant, parameters.approval);
        const by = namesOf(principal).find((name) => askedNow(approval).includes(name));
        // Who was never asked learns nothing of it.
        if (by === undefined && approval.state === 'waiting') throw notFound();
        if (await isRequester(principal, approval))
          throw new ProvostError('FORBIDDEN', 'Who asked for a change cannot approve it.');
        requireWaiting(approval);
        if (approval.decisions.some((one) => one.stage === approval.stage && one.by === by))
          throw new ProvostError('OPERATION_NOT_WAITING', 'You have decided already; it waits for others.');
        const order = { kind: verdict, ...(comment === undefined ? {} : { comment }) };
        return { body: viewOf(await move(approval, order, by ?? principal.credential)) };
      },
    }),
    defineRoute({
      method: 'get',
      path: ALL,
      operation: 'listApprovals',
      group: GROUP,
      summary: 'List approvals',
      permission: 'operate',
      query: approvalQuery,
      answer: { status: 200, description: 'One page.', schema: approvalPage },
      async handle({ tenant, query: { limit, cursor, state } }) {
        const [after] = decodeCursor(cursor, 1) ?? [];
        const found = await approvals.list(tenant, {
          limit: limit + 1,
          ...(state === undefined ? {} : { state }),
          ...(after === undefined ? {} : { after }),
        });
        const { items, ...rest } = toPage(found, limit, ({ id }) => [id]);
        return { body: { items: items.map(viewOf), ...rest } };
      },
    }),
    defineRoute({
      method: 'get',
      path: `${ALL}/:approval`,
      operation: 'readApproval',
      group: GROUP,
      summary: 'Read an approval, with old and new values',
      permission: 'operate',
      answer: { status: 200, description: 'The approval.', schema: approvalView },
      async handle({ tenant, parameters }) {
        return { body: viewOf(await existing(tenant, parameters.approval)) };
      },
    }),
    defineRoute({
      method: 'post',
      path: `${ALL}/:approval/reassign`,
      operation: 'reassignApproval',
      group: GROUP,
      summary: 'Ask others in the place of those who are asked now',
      description: 'Who asked for the change is left out.',
      permission: 'operate',
      body: reassignInput,
      answer: { status: 200, description: 'The approval as it stands now.', schema: approvalView },
      failures: FAILURES,
      async handle({ tenant, principal, parameters, body: { approvers } }) {
        const approval = requireWaiting(await existing(tenant, parameters.approval));
        return { body: viewOf(await move(approval, { kind: 'reassign', approvers }, principal.credential)) };
      },
    }),
    defineRoute({
      method: 'post',
      path: `${ALL}/:approval/withdraw`,
      operation: 'withdrawApproval',
      group: GROUP,
      summary: 'Withdraw a change that waits',
      permission: 'operate',
      answer: { status: 200, description: 'The approval as it stands now.', schema: approvalView },
      failures: FAILURES,
      async handle({ tenant, principal, parameters }) {
        const approval = requireWaiting(await existing(tenant, parameters.approval));
        return { body: viewOf(await move(approval, { kind: 'withdraw' }, principal.credential)) };
      },
    }),
    defineRoute({
      method: 'post',
      path: `${ALL}/:approval/ask-again`,
      operation: 'askForApprovalAgain',
      group: GROUP,
      summary: 'Ask once more about what a target is kept from',
      description:
        'Of a step that was not approved for its target: asks by the rule as it is now about all that the target does not have. Who asked for it before is not asked.',
      permission: 'operate',
      answer: { status: 202, description: 'The change that asks.', schema: askedAgain },
      failures: { 409: 'It was not about a target, or has not ended yet.' },
      async handle({ tenant, principal, parameters }) {
        const { target, state, resourceType, resourceId } = await existing(tenant, parameters.approval);
        if (target === undefined || state === 'waiting')
          throw new ProvostError(
            'OPERATION_NOT_WAITING',
            target === undefined
              ? 'Nothing was written, so nothing is kept from a target; send the change again.'
              : 'It waits still.',
          );
        const order = { tenant, resourceType, resourceId, target, actor: principal.credential, asksAgain: true };
        return { body: { change: await reproject(order) } };
      },
    }),
  ];

  async function existing(tenant: TenantId, id: string): Promise<Approval> {
    const found = await approvals.find(tenant, asApprovalId(id));
    if (found === undefined) throw notFound();
    return found;
  }

  async function move(approval: Approval, order: ApprovalOrder, by: string): Promise<Approval> {
    const { tenant, id, change, target, resourceType, resourceId } = approval;
    const at = now().toISOString();
    await operate.moveApproval({
      tenant,
      resourceType,
      resourceId,
      move: { change, ...(target && { target }), order, by, at },
    });
    return existing(tenant, id);
  }

  /** Whichever way he signs in: the credential that asked may be of the person who decides. */
  async function isRequester(principal: Principal, { tenant, requester }: Approval): Promise<boolean> {
    if (namesOf(principal).includes(requester)) return true;
    if (principal.user === undefined) return false;
    const asked = (await credentials.list(tenant)).find(({ id }) => id === requester);
    return asked?.user === principal.user;
  }
}

/** What approvals call whoever calls. */
const namesOf = ({ credential, user }: Principal): string[] =>
  user === undefined ? [credential] : [...new Set([credential, `user:${user}`])];

function requireWaiting(approval: Approval): Approval {
  if (approval.state === 'waiting') return approval;
  throw new ProvostError('OPERATION_NOT_WAITING', `The approval is ${approval.state}; nothing waits for a decision.`);
}

const notFound = (): ProvostError => new ProvostError('NOT_FOUND', 'There is no approval with this id.');
