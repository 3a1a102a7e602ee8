import { type Approval, askedNow } from '../../../domain/approval/approval.ts';
import { ProvostError } from '../../../domain/errors.ts';
import { asApprovalId } from '../../../domain/ids.ts';
import { createDecide, namesOf, requireReadable, requireWaiting, standsInFor } from '../../approvals/decide.ts';
import type { RoutesDependencies } from '../dependencies.ts';
import { decodeCursor, toPage } from '../page.ts';
import { type AdminRoute, defineRoute } from '../route.ts';
import {
  approvalPage,
  approvalQuery,
  approvalTold,
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
  const { approvals, notices, reproject } = dependencies;
  const { decide, existing, move, isRequester } = createDecide(dependencies);
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
        const own = namesOf(principal);
        const asks = [...own, ...(await standsInFor(principal.tenant, principal, dependencies))];
        const found = await approvals.list(principal.tenant, {
          asks,
          limit: limit + 1,
          ...(after === undefined ? {} : { after }),
        });
        const { items, ...rest } = toPage(found, limit, ({ id }) => [id]);
        return { body: { items: items.map((item) => ({ ...viewOf(item), ...onBehalfOf(item, own, asks) })), ...rest } };
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
        const id = asApprovalId(parameters.approval);
        return { body: viewOf(await decide(principal.tenant, id, principal, { verdict, comment })) };
      },
    }),
    defineRoute({
      method: 'post',
      path: `${INBOX}/:approval/withdrawal`,
      operation: 'withdrawOwnRequest',
      group: GROUP,
      summary: 'Withdraw what you asked for yourself',
      description: 'While it waits. Nobody else may; operators withdraw below the tenant.',
      permission: 'anybody',
      answer: { status: 200, description: 'The approval as it stands now.', schema: approvalView },
      failures: { 409: 'It does not wait any more.' },
      async handle({ principal, parameters }) {
        const approval = await existing(principal.tenant, asApprovalId(parameters.approval));
        if (!(await isRequester(principal, approval)))
          throw new ProvostError('NOT_FOUND', 'There is no approval with this id that you asked for.');
        return { body: viewOf(await move(requireWaiting(approval), { kind: 'withdraw' }, principal.credential)) };
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
      answer: { status: 200, description: 'The approval, with who was told of it.', schema: approvalTold },
      async handle({ tenant, parameters }) {
        const id = asApprovalId(parameters.approval);
        const [approval, sent] = await Promise.all([existing(tenant, id), notices.ofApproval(tenant, id)]);
        const told = sent.map(({ id: _id, tenant: _tenant, approval: _approval, stage, ...notice }) => ({
          ...notice,
          stage: stage + 1,
        }));
        return { body: { ...viewOf(approval), notices: told } };
      },
    }),
    defineRoute({
      method: 'post',
      path: `${ALL}/:approval/reassign`,
      operation: 'reassignApproval',
      group: GROUP,
      summary: 'Ask others in the place of those who are asked now',
      description: 'Who asked for the change is left out, and cannot call this.',
      permission: 'operate',
      body: reassignInput,
      answer: { status: 200, description: 'The approval as it stands now.', schema: approvalView },
      failures: FAILURES,
      async handle({ tenant, principal, parameters, body: { approvers } }) {
        const approval = requireReadable(requireWaiting(await existing(tenant, asApprovalId(parameters.approval))));
        if (await isRequester(principal, approval))
          throw new ProvostError('FORBIDDEN', 'Who asked for a change does not choose who approves it.');
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
        const approval = requireWaiting(await existing(tenant, asApprovalId(parameters.approval)));
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
        const { target, state, resourceType, resourceId } = await existing(tenant, asApprovalId(parameters.approval));
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
}

/** In whose place somebody is asked, where he is not asked himself. */
function onBehalfOf(
  approval: Approval,
  own: readonly string[],
  asks: readonly string[],
): { readonly onBehalfOf?: string } {
  const asked = askedNow(approval);
  if (own.some((name) => asked.includes(name))) return {};
  const absent = asks.find((name) => asked.includes(name));
  return absent === undefined ? {} : { onBehalfOf: absent };
}
