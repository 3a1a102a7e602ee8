import express, { type Response, Router } from 'express';
import { z } from 'zod';
import { type Approval, askedNow, hasDecided } from '../../domain/approval/approval.ts';
import { isProvostError } from '../../domain/errors.ts';
import { asApprovalId, asTenantId } from '../../domain/ids.ts';
import { personNamed } from '../../domain/person.ts';
import type { LinkedDecision } from '../../platform/decision-link.ts';
import { type NamesDependencies, nameOfRequester, nameOfResource } from '../../stores/names.ts';
import { unauthenticated } from '../identify/basic.ts';
import type { SignInLimits } from '../identify/sign-in-limits.ts';
import { createDecide, type DecideDependencies } from './decide.ts';
import { decisionPage, messagePage } from './decision-page.ts';

export interface DecisionDependencies extends DecideDependencies, NamesDependencies {
  /** @returns undefined for a token that is not ours, or has expired */
  readDecision(token: string): Promise<LinkedDecision | undefined>;
  /** Limits guesses of links. */
  readonly signIns: Pick<SignInLimits, 'attempt'>;
}

const decisionForm = z.object({
  token: z.string().max(2_000),
  verdict: z.enum(['approve', 'refuse']),
  comment: z.string().trim().max(500).optional(),
});

/** What the page says instead, with its HTTP status. */
interface Problem {
  readonly problem: string;
  readonly status: number;
}

const NO_LINK = 'This link is not good any more. Look into your inbox whether something waits for you.';

/**
 * The links of mails. Programs that look through mails follow links: so a GET shows, and only the form decides. The token
 * is the proof of who decides, good for one stage; when he has decided, it is good for nothing.
 */
export function createDecisionRoutes(dependencies: DecisionDependencies): Router {
  const { decide, requireStanding } = createDecide(dependencies);
  const routes = Router();

  routes.get('/approvals/decide', async (request, response) => {
    const token = String(request.query['token'] ?? '');
    const asked = await askedBy(token, request.ip);
    if ('problem' in asked) return send(response, asked.status, messagePage('Nothing to decide', asked.problem));
    const { approval, link } = asked;
    const { tenant } = approval;
    const absentee = link.delegate === undefined ? undefined : personNamed(link.approver);
    const [requester, absent, subject] = await Promise.all([
      nameOfRequester(approval, dependencies),
      absentee && nameOfResource(dependencies, tenant, 'User', absentee),
      nameOfResource(dependencies, tenant, approval.resourceType, approval.resourceId),
    ]);
    send(
      response,
      200,
      decisionPage(approval, {
        token,
        requester,
        ...(absent === undefined ? {} : { absent }),
        ...(subject === undefined ? {} : { subject }),
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
      const asked = await askedBy(token, request.ip);
      if ('problem' in asked) return send(response, asked.status, messagePage('Nothing to decide', asked.problem));
      const { approval, link } = asked;
      const name = deciderOf(link);
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

  /** Tokens are signed, and guessing at them is slowed down like guessing at passwords. */
  async function verified(token: string, address: string | undefined): Promise<LinkedDecision | Problem> {
    try {
      return await dependencies.signIns.attempt({ method: 'decision-link', address }, async () => {
        const link = await dependencies.readDecision(token);
        if (link === undefined) throw unauthenticated();
        return link;
      });
    } catch (error) {
      if (isProvostError(error, 'UNAUTHENTICATED')) return { problem: NO_LINK, status: 410 };
      if (isProvostError(error, 'CLIENT_THROTTLED')) return { problem: error.message, status: error.traits.status };
      throw error;
    }
  }

  async function askedBy(
    token: string,
    address: string | undefined,
  ): Promise<{ approval: Approval; link: LinkedDecision } | Problem> {
    const link = await verified(token, address);
    if ('problem' in link) return link;
    const approval = await dependencies.approvals.find(asTenantId(link.tenant), asApprovalId(link.approval));
    if (approval === undefined || !askedNow(approval).includes(link.approver)) return { problem: NO_LINK, status: 410 };
    const person = deciderOf(link);
    try {
      await requireStanding(approval.tenant, personNamed(person));
    } catch (error) {
      if (!isProvostError(error)) throw error;
      return { problem: error.message, status: error.traits.status };
    }
    if (hasDecided({ ...approval, stage: link.stage }, link.approver, person))
      return { problem: 'You have decided this already. The link works once.', status: 410 };
    if (approval.state !== 'waiting' || approval.stage !== link.stage)
      return { problem: 'It was decided meanwhile; nothing waits for you.', status: 410 };
    return { approval, link };
  }
}

/** The name of the person to whom a link was sent. */
const deciderOf = ({ delegate, approver }: LinkedDecision): string => delegate ?? approver;

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
