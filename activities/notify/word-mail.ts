import type { Approval } from '../../domain/approval/approval.ts';
import { attributeInWords, operationInWords, valueInWords } from '../../domain/approval/in-words.ts';
import { escapeHtml } from '../../domain/escape-html.ts';

export interface MailFacts {
  /** Who reads it. */
  readonly to: string;
  readonly requester: string;
  /** Name of the user or group; absent of one that is not there yet. */
  readonly subject?: string;
  /** In whose place he is asked. */
  readonly absent?: string;
  /** He was asked before. */
  readonly isReminder: boolean;
  readonly link: string;
}

/** The mail that asks for an approval, as text and as simple HTML. */
export function wordMail(approval: Approval, facts: MailFacts): { subject: string; text: string; html: string } {
  const { rule, differences, expiresAt } = approval;
  const { to, requester, absent, link, isReminder } = facts;
  const what = operationInWords(approval, facts.subject);
  const stand = [
    ...(absent === undefined ? [] : [` You are asked in the place of ${absent}.`]),
    ...(isReminder ? [' This is a reminder: your decision is still wanted.'] : []),
  ].join('');
  const until = `${expiresAt.slice(0, 16).replace('T', ' ')} UTC`;
  const rows = differences.map(({ attribute, before, after }) => ({
    attribute: attributeInWords(attribute),
    before: valueInWords(before),
    after: valueInWords(after),
  }));
  const text = [
    `Hello ${to},`,
    '',
    `${requester} asks to ${what}. The rule "${rule}" wants your approval.${stand}`,
    '',
    ...rows.map(({ attribute, before, after }) => `  ${attribute}: ${before} -> ${after}`),
    '',
    'Look at it and decide here (the link is yours alone, and works once):',
    link,
    '',
    `Without a decision it is refused at ${until}.`,
    '',
  ].join('\n');
  const cell = 'style="padding:6px 12px 6px 0;border-bottom:1px solid #e3e6ea;text-align:left;vertical-align:top"';
  const html = `<!doctype html><html lang="en"><body style="font:16px/1.5 system-ui,sans-serif;color:#1b2430">
<p>Hello ${escapeHtml(to)},</p>
<p><b>${escapeHtml(requester)}</b> asks to ${escapeHtml(what)}. The rule &ldquo;${escapeHtml(rule)}&rdquo; wants your approval.${escapeHtml(stand)}</p>
<table style="border-collapse:collapse"><tr><th ${cell}>Attribute</th><th ${cell}>Now</th><th ${cell}>Then</th></tr>
${rows.map((row) => `<tr><td ${cell}>${escapeHtml(row.attribute)}</td><td ${cell}>${escapeHtml(row.before)}</td><td ${cell}>${escapeHtml(row.after)}</td></tr>`).join('\n')}
</table>
<p><a href="${escapeHtml(link)}" style="display:inline-block;padding:10px 18px;border-radius:8px;background:#2b59c3;color:#fff;text-decoration:none">Look at it and decide</a></p>
<p style="color:#667085;font-size:14px">The link is yours alone, and works once. Without a decision it is refused at ${until}.</p>
</body></html>
`;
  const subject = `${isReminder ? 'Reminder: approval' : 'Approval'} wanted: ${what}`;
  return { subject: subject.slice(0, 150), text, html };
}
