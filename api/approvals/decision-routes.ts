import express, { type Response, Router } from 'express';
import { z } from 'zod';
import { type Approval, askedNow } from '../../domain/approval/approval.ts';
import { isProvostError } from '../../domain/errors.ts';
import { asApprovalId, asTenantId, type ResourceId, type TenantId } from '../../domain/ids.ts';
import type { LinkedDecision } from '../../platform/decision-link.ts';
import { type NamesDependencies, nameIn, nameOfRequester, personNamed } from '../../stores/names.ts';
import { createDecide, type DecideDependencies } from './decide.ts';
import { decisionPage, messagePage } from './decision-page.ts';

export interface DecisionDependencies extends DecideDependencies, NamesDependencies {
  /** @returns undefined for a token that is not ours, or has expired */
  readDecision(token: string): Promise<LinkedDecision | undefined>;
}

const decisionForm = z.object({
  token: z.string().max(2_000),
  verdict: z.enum(['approve', 'refuse']),
  comment: z.string().trim().max(500).optional(),
});

const NO_LINK = 'This link is not good any more. Look into your inbox whether something waits for you.';

/**
 * The links of mails. Programs that look through mails follow links: so a GET shows, and only the form decides. The token
 * is the proof of who decides, good for one stage; when he has decided, it is good for nothing.
 */
export function createDecisionRoutes(dependencies: DecisionDependencies): Router {
  const { decide, existing } = createDecide(dependencies);
  const routes = Router();

  routes.get('/approvals/decide', async (request, response) => {
    const token = String(request.query['token'] ?? '');
    const asked = await askedBy(token);
    if ('problem' in asked) return send(response, asked.status, messagePage('Nothing to decide', asked.problem));
    const { approval, link } = asked;
    const { tenant } = approval;
    const [requester, absent, subject] = await Promise.all([
      nameOfRequester(approval, dependencies),
      link.delegate === undefined ? undefined : nameOf(tenant, personNamed(link.approver)),
      dependencies.resources.find(tenant, approval.resourceType, approval.resourceId),
    ]);
    const named = subject && nameIn(subject.resource);
    send(
      response,
      200,
      decisionPage(approval, {
        token,
        requester,
        ...(absent === undefined ? {} : { absent }),
        ...(named === undefined ? {} : { subject: named }),
      }),
    );
  });

  routes.post(
    '/approvals/decide',
    express.urlencoded({ extended: false, limit: 10_000 }),
    async (request, response) => {
      const form = decisionForm.safeParse(request.body);
      if (!form.success) return send(response, 400, messagePage('That could not be read', 'Open the link once more.'));
      const { token, verdict, comment } = form.data;
      const asked = await askedBy(token);
      if ('problem' in asked) return send(response, asked.status, messagePage('Nothing to decide', asked.problem));
      const { approval, link } = asked;
      const name = link.delegate ?? link.approver;
      const user = personNamed(name);
      try {
        await decide(
          approval.tenant,
          approval.id,
          { credential: name, ...(user === undefined ? {} : { user }) },
          { verdict, ...(comment === undefined || comment === '' ? {} : { comment }) },
        );
      } catch (error) {
        if (!isProvostError(error)) throw error;
        return send(response, error.traits.status, messagePage('Not decided', error.message));
      }
      send(
        response,
        200,
        verdict === 'approve'
          ? messagePage('Approved', 'Thank you. The change goes on as soon as nobody else has to be asked.')
          : messagePage('Refused', 'Thank you. The change is not made, and whoever asked for it can see so.'),
      );
    },
  );
  return routes;

  async function askedBy(
    token: string,
  ): Promise<{ approval: Approval; link: LinkedDecision } | { problem: string; status: number }> {
    const link = await dependencies.readDecision(token);
    if (link === undefined) return { problem: NO_LINK, status: 410 };
    const approval = await existing(asTenantId(link.tenant), asApprovalId(link.approval)).catch((error: unknown) => {
      if (isProvostError(error, 'NOT_FOUND')) return undefined;
      throw error;
    });
    if (approval === undefined || !askedNow(approval).includes(link.approver)) return { problem: NO_LINK, status: 410 };
    const person = link.delegate ?? link.approver;
    const hasDecided = approval.decisions.some(
      ({ stage, by, delegate }) => stage === link.stage && (by === link.approver || (delegate ?? by) === person),
    );
    if (hasDecided) return { problem: 'You have decided this already. The link works once.', status: 410 };
    if (approval.state !== 'waiting' || approval.stage !== link.stage)
      return { problem: 'It was decided meanwhile; nothing waits for you.', status: 410 };
    return { approval, link };
  }

  async function nameOf(tenant: TenantId, id: ResourceId | undefined): Promise<string | undefined> {
    if (id === undefined) return undefined;
    const found = (await dependencies.resources.find(tenant, 'User', id))?.resource;
    return found && nameIn(found);
  }
}

function send(response: Response, status: number, html: string): void {
  response
    .status(status)
    .set({
      'Content-Security-Policy':
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
      'Cache-Control': 'no-store',
      'Referrer-Policy': 'no-referrer',
    })
    .type('html')
    .send(html);
}
