/** Process: a SCIM target as large as wanted that costs next to nothing itself. It answers what a reconciliation asks. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { userBody, userName } from '../load-users.ts';
import { readySignal, settingsOf } from './child-side.ts';

const { accounts, changed } = settingsOf<{ accounts: number; changed: number }>();
let listed = 0;

const accountOf = (index: number): object => ({
  ...userBody(userName(index), index),
  id: `account-${index}`,
  // As somebody would who edits the first ones there.
  ...(index < changed ? { title: 'Emperor' } : {}),
});

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '', 'http://target');
  const one = /\/Users\/account-(\d+)$/.exec(url.pathname)?.[1];
  const send = (status: number, body: object): void => {
    response.writeHead(status, { 'content-type': 'application/scim+json' }).end(JSON.stringify(body));
  };
  if (request.method !== 'GET') return send(501, { status: '501' });
  if (one !== undefined)
    return Number(one) < accounts ? send(200, accountOf(Number(one))) : send(404, { status: '404' });
  const total = url.pathname.endsWith('/Users') ? accounts : 0;
  const from = Number(url.searchParams.get('startIndex') ?? 1);
  const count = Math.max(0, Math.min(Number(url.searchParams.get('count') ?? 100), total - from + 1));
  listed += count;
  send(200, {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
    totalResults: total,
    startIndex: from,
    itemsPerPage: count,
    Resources: Array.from({ length: count }, (_, offset) => accountOf(from - 1 + offset)),
  });
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const stop = (): void => {
  server.closeAllConnections();
  server.close();
};
readySignal({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/scim/v2` }, stop, () => listed);
