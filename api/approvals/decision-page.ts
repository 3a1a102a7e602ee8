import type { Approval } from '../../domain/approval/approval.ts';
import { attributeInWords, operationInWords, valueInWords } from '../../domain/approval/in-words.ts';
import { escapeHtml } from '../../domain/escape-html.ts';

export interface PageFacts {
  readonly token: string;
  readonly requester: string;
  /** Name of the user or group; absent of one that is not there yet. */
  readonly subject?: string;
  /** In whose place he decides. */
  readonly absent?: string;
}

/** The page behind the link of a mail: what is asked, and two buttons. Looking at it decides nothing. */
export function decisionPage(approval: Approval, { token, requester, subject, absent }: PageFacts): string {
  const { rule, differences, expiresAt, stage, stages, decisions } = approval;
  const rows = differences
    .map(
      ({ attribute, before, after }) =>
        `<tr><th scope="row" title="${escapeHtml(attribute)}">${escapeHtml(attributeInWords(attribute))}</th><td class="old">${escapeHtml(valueInWords(before))}</td><td class="new">${escapeHtml(valueInWords(after))}</td></tr>`,
    )
    .join('\n');
  const facts = [
    `Rule <b>${escapeHtml(rule)}</b>`,
    ...(stages.length > 1 ? [`Stage ${stage + 1} of ${stages.length}`] : []),
    `Until ${escapeHtml(expiresAt.slice(0, 16).replace('T', ' '))} UTC`,
    ...(absent === undefined ? [] : [`In the place of ${escapeHtml(absent)}`]),
  ];
  const said = decisions
    .filter(({ comment }) => comment !== undefined)
    .map(
      ({ verdict, comment }) =>
        `<li>${verdict === 'approve' ? 'Approved' : 'Refused'}: ${escapeHtml(comment ?? '')}</li>`,
    );
  return page(
    'Approval wanted',
    `<h1>May this be done?</h1>
<p class="lead"><b>${escapeHtml(requester)}</b> asks to ${escapeHtml(operationInWords(approval, subject))}.</p>
<p class="facts">${facts.map((fact) => `<span>${fact}</span>`).join('')}</p>
<div class="card"><table><thead><tr><th scope="col">Attribute</th><th scope="col">Now</th><th scope="col">Then</th></tr></thead>
<tbody>${rows}</tbody></table></div>
${said.length === 0 ? '' : `<h2>Said so far</h2><ul>${said.join('')}</ul>`}
<form method="post" action="decide">
<input type="hidden" name="token" value="${escapeHtml(token)}">
<label for="comment">Comment <small>for those who look at it later; optional</small></label>
<textarea id="comment" name="comment" rows="3" maxlength="500"></textarea>
<div class="buttons"><button name="verdict" value="approve" class="yes">Approve</button><button name="verdict" value="refuse" class="no">Refuse</button></div>
</form>`,
  );
}

/** A page that says one thing. */
export const messagePage = (title: string, text: string): string =>
  page(title, `<h1>${escapeHtml(title)}</h1><p class="lead">${escapeHtml(text)}</p>`);

const page = (title: string, body: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex">
<title>${escapeHtml(title)} · Provost</title>
<style>
:root { color-scheme: light dark; --line: light-dark(#e3e6ea, #30363d); --soft: light-dark(#667085, #9aa4b2); --card: light-dark(#fff, #161b22); }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; background: light-dark(#f6f7f9, #0f1216); color: light-dark(#1b2430, #e6e9ed); }
main { max-width: 44rem; margin: 0 auto; padding: 3rem 1.25rem; }
h1 { font-size: 1.75rem; margin: 0; letter-spacing: -0.02em; }
h2 { font-size: 1rem; margin: 1.5rem 0 0.25rem; }
.lead { font-size: 1.1rem; margin: 0.5rem 0 0; }
.facts { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; color: var(--soft); font-size: 0.9rem; margin: 0.5rem 0 1.5rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; }
th:first-child { width: 30%; }
th, td { text-align: left; vertical-align: top; padding: 0.6rem 1rem; overflow-wrap: anywhere; }
thead th { color: var(--soft); font-size: 0.85rem; font-weight: 500; }
tbody tr { border-top: 1px solid var(--line); }
tbody th { font-weight: 600; }
.old { color: var(--soft); }
form { margin-top: 1.5rem; }
label { display: block; font-weight: 600; }
small { color: var(--soft); font-weight: 400; }
textarea { width: 100%; margin: 0.35rem 0 1rem; padding: 0.6rem 0.75rem; font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
.buttons { display: flex; gap: 0.75rem; }
button { flex: 1; font: inherit; font-weight: 600; padding: 0.7rem 1rem; border-radius: 10px; border: 1px solid transparent; cursor: pointer; }
.yes { background: #1f7a4d; color: #fff; }
.no { background: transparent; border-color: light-dark(#b42318, #f97066); color: light-dark(#b42318, #f97066); }
button:focus-visible, textarea:focus-visible { outline: 3px solid light-dark(#2b59c3, #8ab4ff); outline-offset: 2px; }
</style>
</head>
<body><main>
${body}
</main></body>
</html>
`;
