import { type Response, Router } from 'express';

/** What answers here, for people who come by and for scripts that look around. Nothing of it is a secret. */
const PLACES = [
  { path: '/scim/v2', title: 'SCIM 2.0', what: 'Users, groups and what a tenant defines itself (RFC 7643, RFC 7644).' },
  { path: '/scim/v1', title: 'SCIM 1.1', what: 'For clients of the older protocol; one storage for both.' },
  {
    path: '/services/RemoteUserStoreManagerService?wsdl',
    title: 'SOAP',
    what: 'The user store service that WSO2 clients call.',
  },
  { path: '/admin/v1/openapi.json', title: 'Administration API', what: 'Tenants, targets, changes, operator actions.' },
  { path: '/oauth2/token', title: 'OAuth 2.0', what: 'Access tokens by client credentials.' },
  { path: '/readyz', title: 'Readiness', what: 'Whether everything that is needed answers.' },
] as const;

/** `GET /`: what this server is, as a page or as JSON. */
export function createLandingRoutes(): Router {
  const routes = Router();
  routes.get('/', (request, response) => {
    response.vary('Accept');
    if (request.accepts(['json', 'html']) === 'html') sendPage(response);
    else response.json({ name: 'Provost', places: Object.fromEntries(PLACES.map(({ title, path }) => [title, path])) });
  });
  return routes;
}

function sendPage(response: Response): void {
  response.set('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
  response.type('html').send(PAGE);
}

const rows = PLACES.map(
  ({ path, title, what }) => `<li><a href="${path}"><b>${title}</b><code>${path}</code><span>${what}</span></a></li>`,
).join('\n');

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Provost</title>
<style>
:root { color-scheme: light dark; --line: light-dark(#e3e6ea, #30363d); --soft: light-dark(#667085, #9aa4b2); --accent: light-dark(#2b59c3, #8ab4ff); }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; background: light-dark(#f6f7f9, #0f1216); color: light-dark(#1b2430, #e6e9ed); }
main { max-width: 46rem; margin: 0 auto; padding: 4rem 1.5rem; }
h1 { font-size: 2rem; margin: 0; letter-spacing: -0.02em; }
p { color: var(--soft); margin: 0.35rem 0 2rem; }
ul { list-style: none; margin: 0; padding: 0; border: 1px solid var(--line); border-radius: 12px; background: light-dark(#fff, #161b22); overflow: hidden; }
li + li { border-top: 1px solid var(--line); }
a { display: grid; grid-template-columns: 11rem 1fr; gap: 0 1rem; padding: 0.8rem 1.1rem; color: inherit; text-decoration: none; }
a:hover, a:focus-visible { background: light-dark(#f0f4ff, #1c2430); }
b { font-weight: 600; color: var(--accent); }
code { font-size: 0.85rem; overflow-wrap: anywhere; }
span { grid-column: 2; color: var(--soft); font-size: 0.9rem; }
@media (max-width: 36rem) { a { grid-template-columns: 1fr; } span { grid-column: 1; } }
</style>
</head>
<body>
<main>
<h1>Provost</h1>
<p>Identity provisioning on durable workflows. Every change that is accepted reaches every system that must know.</p>
<ul>
${rows}
</ul>
</main>
</body>
</html>
`;
